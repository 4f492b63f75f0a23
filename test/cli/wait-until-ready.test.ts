import { createServer } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { waitUntilReady } from '../../cli/start/wait-until-ready.ts'

/** A gateway that is never ready; answers its origin. */
async function notReady(t: Test): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(503).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const waiting = {
  level: 'warn',
  err: {
    message: '/oauth/jwks could not be fetched',
    cause: { message: 'getaddrinfo ENOTFOUND id.example.com' },
  },
  msg: 'JWKS not refreshed, the known keys stay',
}

t.test('what a gateway waits for that does not become ready is told, and where its log is', async (t) => {
  const logFile = join(
    t.testdir({ 'gateway.log': `${JSON.stringify(waiting)}\n{"level":"info"}\n` }),
    'gateway.log',
  )
  const admin = await notReady(t)
  const { signal } = new AbortController()
  await t.rejects(waitUntilReady({ admin, withinMs: 50, stop: signal, logFile }), {
    message: `the gateway is not ready after 0.05 s (${admin}/readyz: 503)`,
    hint: `All parts run. It waits: ${waiting.msg}: getaddrinfo ENOTFOUND id.example.com\nIts log is ${logFile}`,
  })
  const none = `${logFile}.none`
  const hint = `All parts run.\nIts log is ${none}`
  await t.rejects(waitUntilReady({ admin, withinMs: 50, stop: signal, logFile: none }), {
    message: /503/,
    hint,
  })
})
