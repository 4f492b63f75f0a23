import type { FastifyInstance } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { LimitedBody } from '../upstream/limited-body.ts'

/** What holds for every request to a site: a path that means one thing, no other protocol, a body of bounded size. */
export function guardSite(scope: FastifyInstance, bodyBytes: number): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    const { headers, url } = request.raw
    if (canonicalTarget(url ?? '') === undefined) done(new Problem('invalid_path'))
    else if (headers.upgrade !== undefined) {
      done(new Problem('invalid_request', { detail: 'There is no WebSocket here.' }))
    } else if (Number(headers['content-length'] ?? 0) > bodyBytes) done(new Problem('body_too_large'))
    else done()
  })
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.raw.headers['transfer-encoding'] === undefined) return done(null, payload)
    const body = new LimitedBody(bodyBytes)
    payload.once('error', (error: Error) => body.destroy(error))
    done(null, payload.pipe(body))
  })
}
