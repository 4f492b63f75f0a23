import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { adminOrigin } from '@gatehouse/kit/admin/origin'
import { adminPath, adminResource, adminScopes, cliClientId } from '@gatehouse/kit/admin/protocol'
import { loadConfig } from '@gatehouse/kit/config/load'
import type { Config } from '@gatehouse/kit/config/types'
import { conforms } from '@gatehouse/kit/conforms'
import { StartError } from '@gatehouse/kit/errors'
import { dataPaths } from '@gatehouse/kit/paths'
import { folderFault } from '@gatehouse/kit/prepare/files'
import { Type } from '@gatehouse/kit/schema'
import { request } from 'undici'
import type { Invocation } from './command.ts'
import { isRecord, textOf } from './json.ts'
import { readSettings } from './settings.ts'

export interface AdminRequest {
  readonly body?: unknown
  readonly ifMatch?: string | undefined
  /** Whose admin API; default the IdP's. */
  readonly part?: 'idp' | 'gateway'
}

const timeoutMs = 15_000
const assertionSeconds = 60
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const privateJwk = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  d: Type.String(),
  kid: Type.String(),
})

/** Calls to the admin APIs of the house that the options and the environment name. */
export class AdminClient {
  readonly config: Config
  readonly #keyFile: string
  #token: Promise<string> | undefined

  private constructor(config: Config, keyFile: string) {
    this.config = config
    this.#keyFile = keyFile
  }

  /** @throws StartError for a configuration that is not valid */
  static open(invocation: Pick<Invocation, 'options' | 'env'>): AdminClient {
    const { configFile: file, dataDir, portBase } = readSettings(invocation)
    const config = loadConfig({ file, dataDir, portBase, env: invocation.env })
    return new AdminClient(config, dataPaths(dataDir).cliClientKey)
  }

  /**
   * Sends a request and answers the body; undefined when there is none.
   * @throws StartError with what the server said, or that there is none
   */
  async send(method: string, path: string, o: AdminRequest = {}): Promise<unknown> {
    this.#token ??= this.#requestToken()
    const { admin } = this.config[o.part ?? 'idp']
    const answer = await reach(`${adminOrigin(admin)}${adminPath}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.#token}`,
        ...(o.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(o.ifMatch === undefined ? {} : { 'if-match': o.ifMatch }),
      },
      body: o.body === undefined ? null : JSON.stringify(o.body),
    })
    if (answer.status < 400) return answer.body
    throw refusal(answer, path)
  }

  /** Every item of a list, page by page. */
  async *all(path: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
    let after: string | undefined
    do {
      const glue = path.includes('?') ? '&' : '?'
      const more = after === undefined ? '' : `&after=${encodeURIComponent(after)}`
      const page = await this.send('GET', `${path}${glue}limit=200${more}`)
      if (!isRecord(page) || !Array.isArray(page['items'])) return
      yield* page['items'].filter(isRecord)
      after = textOf(page['next'])
    } while (after !== undefined)
  }

  async #requestToken(): Promise<string> {
    const { issuer } = this.config
    const answer = await reach(`${issuer}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: adminResource,
        scope: adminScopes.join(' '),
        client_assertion_type: assertionType,
        client_assertion: await assertion(this.#keyFile, issuer),
      }).toString(),
    })
    const token = isRecord(answer.body) ? answer.body['access_token'] : undefined
    if (typeof token === 'string') return token
    throw new StartError(`the identity server at ${issuer} does not know the key in ${this.#keyFile}`, {
      hint: 'name the data folder of the house that runs there (--data), or start it once more to have the key known',
    })
  }
}

/** Our own proof (RFC 7523 section 2.2). @throws StartError when there is no key */
async function assertion(keyFile: string, audience: string): Promise<string> {
  const jwk = await readKey(keyFile)
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: cliClientId, sub: cliClientId, aud: audience, jti: randomUUID(), iat: now }
  const input = [
    { alg: 'ES256', typ: 'JWT', kid: jwk.kid },
    { ...claims, exp: now + assertionSeconds },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

async function readKey(keyFile: string) {
  try {
    const jwk: unknown = JSON.parse(await readFile(keyFile, 'utf8'))
    if (conforms(privateJwk, jwk)) return jwk
    throw new TypeError('not a private P-256 JWK')
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    // Such as another user's.
    const fault = isMissing ? cause : folderFault(cause, dirname(keyFile))
    if (fault instanceof StartError) throw fault
    throw new StartError(`the key of the command line cannot be read from ${keyFile}`, {
      hint: 'name the data folder of the house that runs (--data); `npm start` makes the key of a new one',
      cause,
    })
  }
}

interface Reached {
  readonly status: number
  readonly body: unknown
}

async function reach(
  url: string,
  options: { method: string; headers: Record<string, string>; body: string | null },
): Promise<Reached> {
  try {
    const { statusCode, body } = await request(url, { ...options, signal: AbortSignal.timeout(timeoutMs) })
    const text = await body.text()
    return { status: statusCode, body: text === '' ? undefined : parsed(text) }
  } catch (cause) {
    throw new StartError(`nothing answers at ${new URL(url).origin}`, {
      hint: 'start it with `npm start`, or name the one that runs with --config, --data and --port-base',
      cause,
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Another server's page: the status says what there is to say.
    return undefined
  }
}

/** What the server refused, in its words, and where to look for more. */
function refusal({ status, body }: Reached, path: string): StartError {
  const problem = isRecord(body) ? body : {}
  const [, group, id] = /^\/(clients|accounts|grants|sessions)\/([^/?]+)/.exec(path) ?? []
  if (problem['code'] === 'not_found' && group !== undefined && id !== undefined) {
    return new StartError(`there is no ${group.slice(0, -1)} '${decodeURIComponent(id)}'`, {
      hint: `\`${group}\` shows which there are`,
    })
  }
  const faults = Array.isArray(problem['errors']) ? problem['errors'].filter(isRecord) : []
  const told = faults.map((fault) => `${String(fault['path'])} ${String(fault['message'])}`)
  const what = textOf(problem['detail']) ?? textOf(problem['title']) ?? `status ${status}`
  return new StartError([what, ...told].join('; '), {
    hint: `code ${textOf(problem['code']) ?? status}, see docs/errors.md; in the log under ${textOf(problem['txn']) ?? 'this time'}`,
  })
}
