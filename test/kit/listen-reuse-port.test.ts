import fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { listen } from '@gatehouse/kit/http/listen'

t.test('several processes may listen on one port only where each of them says so', async (t) => {
  const apps = [fastify(), fastify(), fastify()]
  t.teardown(() => Promise.all(apps.map((app) => app.close())))
  const [first, second, third] = apps
  if (first === undefined || second === undefined || third === undefined) return
  await listen(first, { host: '127.0.0.1', port: 0, reusePort: true })
  const port = portOf(first)
  await listen(second, { host: '127.0.0.1', port, reusePort: true })
  t.equal(portOf(second), port)
  await t.rejects(listen(third, { host: '127.0.0.1', port }), { message: /already in use/ })
})

function portOf({ server }: FastifyInstance): number {
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}
