import { Problem } from '@gatehouse/kit/errors'
import type { preValidationHookHandler } from 'fastify'

/**
 * Refuses forms that another site submits. Browsers say where a request comes from in `Sec-Fetch-Site`; older ones
 * in `Origin`, which our `Referrer-Policy: no-referrer` turns into `null` (Fetch standard, "append a request Origin
 * header"). A client that sends neither is no browser that somebody could be tricked in.
 */
export function sameOriginOnly(issuer: string): preValidationHookHandler {
  return (request, _reply, done) => {
    const { method, headers } = request
    const safe = method === 'GET' || method === 'HEAD'
    done(safe || isOwn(headers['sec-fetch-site'], headers.origin, issuer) ? undefined : foreign())
  }
}

function isOwn(site: unknown, origin: string | undefined, issuer: string): boolean {
  if (site !== undefined) return site === 'same-origin'
  return origin === undefined || origin === 'null' || origin === issuer
}

function foreign(): Problem {
  return new Problem('csrf_rejected', {
    detail: 'This form was sent from another site. Start again from the application.',
  })
}
