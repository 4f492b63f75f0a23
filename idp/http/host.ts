import { Problem } from '@gatehouse/kit/errors'
import type { onRequestHookHandler } from 'fastify'

/** Serves the issuer's host and no other, so that no page of ours appears under a name of somebody else's. */
export function onlyHost(issuer: string): onRequestHookHandler {
  const { host } = new URL(issuer)
  return (request, _reply, done) => {
    done(request.headers.host?.toLowerCase() === host ? undefined : new Problem('unknown_host'))
  }
}
