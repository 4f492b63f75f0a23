import { type FastifyInstance, Problem } from '@gatehouse/kit'
import type { OrderFeed } from './feed.ts'

/** `GET /api/orders/events`: server-sent events `placed` (the order) and `cancelled` (its id), of the caller's orders. */
export function followOrders(app: FastifyInstance, feed: OrderFeed): void {
  app.addHook('preClose', (done) => {
    feed.close()
    done()
  })
  app.get(
    '/api/orders/events',
    {
      config: { guard: { scopes: ['orders:read'] }, summary: "Server-sent events about the caller's orders" },
    },
    (request, reply) => {
      const stream = feed.open(request.caller.sub)
      if (stream === undefined) {
        throw new Problem('rate_limited', {
          detail: 'Too many feeds of this account are open.',
          headers: { 'retry-after': '30' },
        })
      }
      return reply.type('text/event-stream').header('cache-control', 'no-store').send(stream)
    },
  )
}
