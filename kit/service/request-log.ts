import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import { provenCaller } from '../guard/fastify.ts'
import type { Logger } from '../log.ts'
import { TokenRejected } from '../tokens/strict-jws.ts'

/** What nginx writes for a caller that went away before the answer; it is never sent. */
const callerWentAway = 499

interface Running {
  readonly startedAt: number
  failure?: unknown
  readonly isLogged?: true
}

const running: unique symbol = Symbol('gatehouse.running')

declare module 'fastify' {
  interface FastifyRequest {
    [running]?: Running | null
  }
}

/** One line for each request: whose transaction it was, who asked, for what, and how it ended. */
export function logRequests(app: FastifyInstance, log: Logger): void {
  const finish = (request: FastifyRequest, status: number): void => {
    const run: Running = request[running] ?? { startedAt: performance.now() }
    // An aborted request may finish once more.
    if (run.isLogged) return
    request[running] = { ...run, isLogged: true }
    const caller = provenCaller(request)
    log.info(
      {
        txn: caller?.txn ?? request.id,
        sub: caller?.sub,
        client_id: caller?.clientId,
        route: `${request.method} ${request.routeOptions.url ?? '(none)'}`,
        status,
        ms: Math.round((performance.now() - run.startedAt) * 10) / 10,
        ...reasonOf(run.failure),
      },
      'request',
    )
  }

  app.decorateRequest(running, null)
  app.addHook('onRequest', (request, _reply, done) => {
    request[running] = { startedAt: performance.now() }
    done()
  })
  app.addHook('onError', (request, _reply, error, done) => {
    const run = request[running]
    if (run) run.failure = error
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    finish(request, reply.statusCode)
    done()
  })
  app.addHook('onRequestAbort', (request, done) => {
    finish(request, callerWentAway)
    done()
  })
}

/** The rich reason, which the caller of the service does not get to see. */
function reasonOf(failure: unknown): { readonly code?: string; readonly reason?: string } {
  if (!(failure instanceof Problem)) return {}
  if (failure.cause instanceof TokenRejected) return { code: failure.code, reason: failure.cause.reason }
  return { code: failure.code }
}
