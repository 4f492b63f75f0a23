import { textField } from '../harness/json.ts'

/** What a client that registered itself goes on with (RFC 7592). */
export interface SelfRegistered {
  readonly id: string
  /** The whole answer: its secret, if it has one. */
  readonly answer: unknown
  read(): Promise<{ readonly status: number; readonly body: unknown }>
  /** Replaces its metadata; its id is added. */
  change(metadata: Readonly<Record<string, unknown>>): Promise<Response>
}

export async function registerSelf(
  issuer: string,
  metadata: Readonly<Record<string, unknown>>,
): Promise<SelfRegistered> {
  const made = await send('POST', `${issuer}/oauth/register`, {}, metadata)
  const answer: unknown = await made.json()
  const id = textField(answer, 'client_id')
  const tokenOf = (body: unknown) => `Bearer ${textField(body, 'registration_access_token')}`
  let authorization = tokenOf(answer)
  const url = textField(answer, 'registration_client_uri')
  return {
    id,
    answer,
    async read() {
      const response = await fetch(url, { headers: { authorization } })
      return { status: response.status, body: await response.json() }
    },
    async change(next) {
      const changed = await send('PUT', url, { authorization }, { ...next, client_id: id })
      if (changed.status === 200) authorization = tokenOf(await changed.clone().json())
      return changed
    },
  }
}

function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
