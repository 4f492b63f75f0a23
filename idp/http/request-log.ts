import type { Logger } from '@gatehouse/kit/log'
import type { onResponseHookHandler } from 'fastify'
import type { RequestNotes } from '../provider/notes.ts'

/** One line per request. The route, never the URL: queries carry codes, states and hints. */
export function logRequests(log: Logger, notes: RequestNotes): onResponseHookHandler {
  return (request, reply, done) => {
    log.info(
      {
        txn: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.raw.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ip: request.ip,
        ...notes.of(request.raw),
      },
      'request',
    )
    done()
  }
}
