import type { EventEmitter } from 'node:events'
import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import { takeByReference, type ByReferenceDeps } from '../certification/by-reference.ts'
import { revokeGivenBack, type GivenBackDeps } from '../events/given-back.ts'
import { commonHeaders } from '../pages/headers.ts'
import type { Pages } from '../pages/pages.ts'
import { tidyRegistration } from '../registration/response.ts'
import { retryAfterSeconds, StoreUnavailable } from '../storage/unavailable.ts'
import { showEnded } from './errors.ts'
import { introspectOwn, type IntrospectionDeps } from './introspection.ts'
import { withoutScript } from './logout.ts'
import { completeMetadata, type MetadataDeps } from './metadata.ts'
import type { RequestNotes } from './notes.ts'
import type { RefreshGrace } from './refresh-grace.ts'
import { txnHeader } from './show.ts'
import type { DevicePolling } from './slow-down.ts'

export interface MiddlewareDeps extends GivenBackDeps, IntrospectionDeps, MetadataDeps, ByReferenceDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly pages: Pages
  readonly notes: RequestNotes
  readonly polling: DevicePolling
  readonly grace: RefreshGrace
}

/** What happens around each request of the provider's, in this order. */
export function surround(provider: Provider, deps: MiddlewareDeps): void {
  provider.use(async (ctx: KoaContextWithOIDC, next) => {
    ctx.set(commonHeaders)
    deps.grace.arrived(ctx)
    try {
      if (deps.isCertification) await takeByReference(ctx, provider, deps)
      await next()
      deps.polling.review(ctx)
      await deps.grace.conclude(ctx)
      await revokeGivenBack(ctx, deps)
      await introspectOwn(ctx, deps)
      tidyRegistration(ctx)
      completeMetadata(ctx, deps)
      await withoutScript(ctx, deps.pages)
    } catch (error) {
      failPlainly(ctx, error, deps)
    } finally {
      deps.grace.left()
    }
    challenge(ctx)
    if (ctx.status === 503) ctx.set('retry-after', String(retryAfterSeconds))
    deps.notes.add(ctx.req, { client_id: ctx.oidc.client?.clientId, sub: ctx.oidc.account?.accountId })
  })
  // Koa would print them to the console.
  const emitter: EventEmitter = provider
  emitter.on('error', (error) => deps.log.error({ err: error }, 'the provider failed to answer'))
}

/** RFC 9110 section 11.6.1: no 401 is without one. The library has it for clients that tried a header. */
function challenge(ctx: KoaContextWithOIDC): void {
  if (ctx.status === 401 && ctx.response.headers['www-authenticate'] === undefined)
    ctx.set('www-authenticate', `Basic realm="${ctx.oidc.issuer}"`)
}

/** For what fails outside the library's own handling, such as writing the session after the answer was made. */
function failPlainly(ctx: KoaContextWithOIDC, error: unknown, { log, pages }: MiddlewareDeps): void {
  ctx.remove('location')
  if (error instanceof errors.SessionNotFound) return showEnded(ctx, pages)
  const unavailable = error instanceof StoreUnavailable
  if (!unavailable) log.error({ txn: ctx.get(txnHeader), err: error }, 'the provider failed')
  ctx.status = unavailable ? 503 : 500
  ctx.body = { error: unavailable ? 'temporarily_unavailable' : 'server_error' }
}
