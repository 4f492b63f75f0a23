import type { FastifyInstance } from 'fastify'
import type { Callers } from './agent.ts'

const left = new Error('the caller went away')

/** Follows whether the callers of requests are still there. */
export function followCallers(scope: FastifyInstance): Callers {
  const callers = new Map<string, AbortSignal>()
  scope.addHook('onRequest', ({ id }, { raw: response }, done) => {
    const leaving = new AbortController()
    callers.set(id, leaving.signal)
    response.once('close', () => {
      callers.delete(id)
      leaving.abort(left)
    })
    done()
  })
  return (txn) => callers.get(txn)
}
