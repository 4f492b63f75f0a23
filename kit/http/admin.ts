import type { FastifyInstance } from 'fastify'
import { Problem } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createHttpServer } from './server.ts'

/**
 * The listener for operators: `/metrics`, `/healthz` (the process runs) and `/readyz` (it can do its work).
 * Bind it to loopback or to a network of your own: it asks for no credential.
 */
export function createAdminServer(options: {
  readonly log: Logger
  readonly metrics: Metrics
  ready(): boolean | Promise<boolean>
}): FastifyInstance {
  const app = createHttpServer({ log: options.log, schemas: false })
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await options.metrics.render()
    return reply.type(contentType).send(text)
  })
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async () => {
    if (!(await options.ready())) throw new Problem('not_ready', { headers: { 'retry-after': '1' } })
    return { status: 'ready' }
  })
  return app
}
