import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Caller } from '../guard/caller.ts'
import type { Logger } from '../log.ts'
import { TokenRejected } from '../tokens/strict-jws.ts'

/** What nginx writes for a caller that went away before the answer; it is never sent. */
const callerWentAway = 499

interface Running {
  readonly startedAt: number
  failure?: unknown
}

/** One line for each request: whose transaction it was, who asked, for what, and how it ended. */
export function logRequests(
  app: FastifyInstance,
  log: Logger,
  callers: WeakMap<FastifyRequest, Caller>,
): void {
  const running = new WeakMap<FastifyRequest, Running>()
  const finished = new WeakSet<FastifyRequest>()

  const finish = (request: FastifyRequest, status: number): void => {
    // An aborted request may finish once more.
    if (finished.has(request)) return
    finished.add(request)
    const run = running.get(request)
    const caller = callers.get(request)
    log.info(
      {
        txn: caller?.txn ?? request.id,
        sub: caller?.sub,
        client_id: caller?.clientId,
        route: `${request.method} ${request.routeOptions.url ?? '(none)'}`,
        status,
        ms: run === undefined ? 0 : Math.round((performance.now() - run.startedAt) * 10) / 10,
        ...reasonOf(run?.failure),
      },
      'request',
    )
  }

  app.addHook('onRequest', (request, _reply, done) => {
    running.set(request, { startedAt: performance.now() })
    done()
  })
  app.addHook('onError', (request, _reply, error, done) => {
    const run = running.get(request)
    if (run !== undefined) run.failure = error
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
