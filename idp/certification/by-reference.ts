import type { Logger } from '@gatehouse/kit/log'
import { errors, type Client, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import { routes } from '../provider/routes.ts'

/** Registered by the client: where its request objects may be (OpenID Connect Registration section 2). */
export const requestUrisProperty = 'request_uris'

const maxUris = 10
/** RFC 9101 section 5.2.1. */
const maxUriLength = 512
/** As much as the browser could bring by value. */
const maxObjectLength = 12 * 1024
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/
/** The library answers this with `invalid_request_uri`. */
const unknownPushed = 'urn:ietf:params:oauth:request_uri:none'

export interface ByReferenceDeps {
  readonly guarded: GuardedFetch
  readonly log: Logger
}

/**
 * Request objects by reference (OpenID Connect Core section 6.2), for the dynamic plan under the certification profile:
 * read only from a `request_uri` that the client has registered, letter by letter (RFC 9101 section 10.4), through the guarded
 * client. From there on the request is one with a request object by value. What else is asked for is left to the library, which
 * knows pushed requests alone.
 */
export async function takeByReference(
  ctx: KoaContextWithOIDC,
  provider: Provider,
  deps: ByReferenceDeps,
): Promise<void> {
  if (ctx.method !== 'GET' || ctx.path !== routes.authorization) return
  const params = new URLSearchParams(ctx.querystring)
  const [uri, another] = params.getAll('request_uri')
  if (uri === undefined || another !== undefined || params.has('request')) return
  const client = await provider.Client.find(params.get('client_id') ?? '')
  if (client === undefined || !registeredUris(client).includes(uri)) return
  const object = await read(uri, deps)
  params.delete('request_uri')
  if (object === undefined) params.set('request_uri', unknownPushed)
  else params.set('request', object)
  ctx.querystring = params.toString()
}

/** @throws errors.InvalidClientMetadata */
export function checkRequestUris(value: unknown): void {
  if (value === undefined) return
  if (Array.isArray(value) && value.length <= maxUris && value.every(isHttps)) return
  throw new errors.InvalidClientMetadata(`${requestUrisProperty} must be up to ${maxUris} https URLs`)
}

function isHttps(value: unknown): boolean {
  return typeof value === 'string' && value.length <= maxUriLength && URL.parse(value)?.protocol === 'https:'
}

function registeredUris(client: Client): readonly unknown[] {
  const uris = client[requestUrisProperty]
  return Array.isArray(uris) ? uris : []
}

async function read(uri: string, { guarded, log }: ByReferenceDeps): Promise<string | undefined> {
  try {
    const headers = { accept: 'application/oauth-authz-req+jwt, application/jwt' }
    const answer = await guarded.fetch(uri, { method: 'GET', headers, body: null })
    if (answer.status !== 200) return undefined
    const object = (await answer.text()).trim()
    return object.length <= maxObjectLength && compactJws.test(object) ? object : undefined
  } catch (err) {
    log.info({ err }, 'the request object that a client refers to was not read')
    return undefined
  }
}
