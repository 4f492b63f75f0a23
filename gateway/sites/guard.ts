import type { FastifyInstance } from 'fastify'
import type { SiteConfig } from '@gatehouse/kit/config/types'
import { Problem } from '@gatehouse/kit/errors'
import { outlast } from '../upstream/outlast.ts'
import { bodyProblem } from '../limits/body.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { LimitedBody } from '../upstream/limited-body.ts'

/**
 * What holds for every request to a site: a path that means one thing, no other protocol, a body of bounded size, none that
 * is coded without the site hearing of it, and a caller who is there for as long as the site may take.
 */
export function guardSite(scope: FastifyInstance, site: SiteConfig, bodyBytes: number): void {
  const isTold = site.headers.request.includes('content-encoding')
  scope.addHook('onRequest', (request, _reply, done) => {
    const { headers, url } = request.raw
    outlast(request.raw, site.timeoutMs)
    if (canonicalTarget(url ?? '') === undefined) done(new Problem('invalid_path'))
    else if (headers.upgrade !== undefined) {
      done(new Problem('invalid_request', { detail: 'There is no WebSocket here.' }))
    } else done(bodyProblem(isTold ? { ...headers, 'content-encoding': undefined } : headers, { bodyBytes }))
  })
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.raw.headers['transfer-encoding'] === undefined) return done(null, payload)
    const body = new LimitedBody(bodyBytes)
    payload.once('error', (error: Error) => body.destroy(error))
    done(null, payload.pipe(body))
  })
}
