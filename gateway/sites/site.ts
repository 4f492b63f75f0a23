import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { SiteConfig } from '@gatehouse/kit/config/types'
import type { ClientAddress } from '../http/client-address.ts'
import type { ServedHosts } from '../routing/host.ts'
import { upstreamProblem } from '../upstream/failure.ts'
import { LimitedBody } from '../upstream/limited-body.ts'
import { addOwnHeaders, allowedRequestHeaders } from '../upstream/request-headers.ts'
import { siteAgent } from './agent.ts'
import { followCallers } from './callers.ts'
import { guardSite } from './guard.ts'
import {
  allowedAnswer,
  asObject,
  foreignCookies,
  siteRelocation,
  siteRequestHeaders,
  siteResponseHeaders,
} from './headers.ts'

export interface SiteDeps {
  /** Where it is: its own, or for one below a prefix the gateway's, and in no other site's place. */
  readonly hosts: ServedHosts
  readonly clientAddress: ClientAddress
  /** `http` or `https`: what callers outside use. */
  readonly protocol: string
  readonly bodyBytes: number
  /** Flat; what the gateway answers itself carries them. */
  readonly ownHeaders: readonly string[]
}

/**
 * Mounts a whole site that carries no caller's authority by @fastify/http-proxy, confined as dependencies.md says: an
 * agent that verifies, allow-lists both ways, no retries (told `null`, it makes one request and not eleven), a static
 * prefix, errors in our words, and none of its WebSockets. Paths stay as they are.
 */
export async function mountSite(scope: FastifyInstance, site: SiteConfig, deps: SiteDeps): Promise<void> {
  guardSite(scope, site, deps.bodyBytes)
  const agent = siteAgent(site, followCallers(scope))
  scope.addHook('onClose', () => agent.destroy())
  const broken = tellOfBroken(scope, deps.ownHeaders)
  scope.addHook('onSend', (_request, reply, payload, done) => {
    if (payload instanceof Readable) payload.once('error', (error) => broken.add(error))
    if (reply.statusCode !== 304 || !(payload instanceof Readable)) return done(null, payload)
    payload.on('error', () => undefined)
    // It is whole. For the length that it may state (RFC 9110 section 8.6) undici would go on to wait.
    if (statesLength(reply)) payload.destroy()
    else payload.resume()
    done(null, null)
  })
  const allowed = siteResponseHeaders(site.headers.response)
  const relocated = siteRelocation(site.target)
  const prefix = 'prefix' in site.at ? site.at.prefix : '/'
  await scope.register(httpProxy, {
    upstream: site.target,
    prefix,
    rewritePrefix: prefix,
    internalRewriteLocationHeader: false,
    constraints: { host: inAnyCase([...deps.hosts.keys()]) },
    undici: agent,
    replyOptions: {
      retryDelay: () => null,
      rewriteRequestHeaders: requestHeaders(site, deps),
      rewriteHeaders: (headers) => allowedAnswer(relocated(headers), allowed),
      onError: (reply, { error }) => {
        if (reply.raw.destroyed) return
        void reply.send(bodyFault(reply.request.body) ?? upstreamProblem(causeOf(error)))
      },
    },
  })
}

/**
 * Has faults answered as the gateway's own, with nothing of what the site had said until then.
 * @returns put in here, an error of an answer that broke off is the site's
 */
function tellOfBroken(scope: FastifyInstance, ownHeaders: readonly string[]): WeakSet<object> {
  const broken = new WeakSet<object>()
  scope.setErrorHandler((error: Error, _request, reply) => {
    for (const name of Object.keys(reply.getHeaders())) if (name !== 'connection') reply.removeHeader(name)
    // To the handler above this one, in its words.
    void reply.headers(asObject(ownHeaders)).send(broken.has(error) ? upstreamProblem(error) : error)
  })
  return broken
}

/** Hosts have no case (RFC 9110 section 4.2.3); the router would compare them letter by letter. */
function inAnyCase(hosts: readonly string[]): RegExp {
  return new RegExp(`^(?:${hosts.map((host) => host.replaceAll(/[.[\]]/g, '\\$&')).join('|')})$`, 'i')
}

function statesLength(reply: FastifyReply): boolean {
  return Number(reply.getHeader('content-length') ?? 0) > 0
}

/** The plugin tells of a body that grew too large as of any other failure. */
function bodyFault(body: unknown): Problem | undefined {
  // undici breaks a body off with what happened to its connection, which is no fault of the body.
  return body instanceof LimitedBody && body.errored instanceof Problem ? body.errored : undefined
}

/** The plugin has an error of its own for each; ours says more. */
function causeOf(error: Error): Error {
  return error.cause instanceof Problem ? error.cause : error
}

/** As much of a request as those of HTTP/1.1 and HTTP/2 have in common. */
interface Asked {
  readonly raw: Pick<IncomingMessage, 'headers' | 'socket'>
  readonly id: string
}

function requestHeaders(site: SiteConfig, deps: SiteDeps) {
  const names = siteRequestHeaders(site.headers.request)
  const targetHost = new URL(site.target).host
  return ({ raw, id }: Asked) => {
    const host = raw.headers.host ?? ''
    const own = { address: deps.clientAddress(raw), host, protocol: deps.protocol, txn: id, token: undefined }
    const headers = asObject(addOwnHeaders(allowedRequestHeaders(raw.headers, names), own))
    const cookie = headers.cookie === undefined ? undefined : foreignCookies(headers.cookie)
    delete headers.cookie
    return {
      ...headers,
      ...(cookie === undefined ? {} : { cookie }),
      host: 'host' in site.at ? host : targetHost,
    }
  }
}
