import type { Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { assertionType, clientAssertion } from './assertion.ts'

export interface AdminAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** An access token for the admin API, as the command line gets it. */
export async function adminToken(platform: Platform, scope = 'admin:read admin:write'): Promise<string> {
  const { config, paths } = platform
  const client = { id: 'gatehouse-cli', keyFile: paths.cliClientKey, issuer: config.issuer }
  const response = await fetch(new URL('/oauth/token', config.issuer), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: 'urn:gatehouse:admin',
      scope,
      client_assertion_type: assertionType,
      client_assertion: await clientAssertion(client),
    }),
  })
  return textField(await response.json(), 'access_token')
}

/** Requests to the admin API of the IdP, or of the gateway. */
export class Admin {
  readonly #origin: string
  readonly #token: string

  constructor(origin: string, token: string) {
    this.#origin = origin
    this.#token = token
  }

  static async of(platform: Platform, part: 'idp' | 'gateway' = 'idp'): Promise<Admin> {
    return new Admin(platform.url(part, 'admin'), await adminToken(platform))
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<AdminAnswer> {
    const response = await fetch(new URL(`/admin/v1${path}`, this.#origin), {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }

  get(path: string): Promise<AdminAnswer> {
    return this.send('GET', path)
  }
}
