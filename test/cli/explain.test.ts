import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { startRig } from '../gateway/rig.ts'
import { freePortBase } from '../harness/ports.ts'
import { runCli } from '../harness/run-cli.ts'

t.test('explain asks the running gateway', async (t) => {
  const rig = await startRig(t)
  const ask = (...args: string[]) => runCli(['explain', ...args, '--port-base', String(rig.port)])
  const yes = await ask('get', '/api/orders/7', '--as', 'acc-bob')
  t.match(yes, { code: 0, err: '' })
  t.match(yes.out, /^GET localhost:\d+\/api\/orders\/7\n/)
  t.match(yes.out, /→ orders\.read +taken/)
  t.match(yes.out, /orders\.list +other path/)
  t.match(yes.out, /forwarded by orders\.read to orders \(https:\/\/localhost:\d+\)/)
  t.match(yes.out, /internal token\n(?:.*\n)* {2}scope +orders:read/)
  const no = await ask('GET', '/api/orders', '--token', rig.issuer.token({ scope: 'users:read' }), '--json')
  t.equal(no.code, 1, 'it would be refused')
  t.match(JSON.parse(no.out), {
    event: 'explained',
    route: 'orders.list',
    outcome: { status: 403, code: 'insufficient_scope' },
  })
  t.equal(rig.reached(), 0)
  const login = '/auth/login\\?return_to=%2Fapi%2Forders'
  const program = await ask('GET', '/api/orders')
  t.equal(program.code, 1)
  t.match(program.out, new RegExp(`^refused: 401 missing_credentials\\na browser .*: 303 ${login}$`, 'm'))
  const browser = await ask('GET', '/api/orders', '--header', 'accept: text/html')
  t.equal(browser.code, 1)
  t.match(browser.out, new RegExp(`^sent to sign in: 303 ${login}$`, 'm'))
  t.match(await ask('GET', '/healthz'), { code: 0, out: /\nserved by the gateway itself$/m })
})

t.test('without a gateway it says so', async (t) => {
  const nobody = await runCli(['explain', 'GET', '/', '--port-base', String(await freePortBase())])
  t.equal(nobody.code, 1)
  t.match(nobody.err, /no gateway runs at http:\/\/127\.0\.0\.1:\d+/)
})

t.test('what listens in the place of the gateway is not taken for one', async (t) => {
  const portBase = await freePortBase()
  for (const body of ['<!doctype html>', 'null']) {
    const other = createServer((_request, response) => response.end(body)).listen(portBase + 90, '127.0.0.1')
    await once(other, 'listening')
    const ended = await runCli(['explain', 'GET', '/', '--port-base', String(portBase)])
    other.close()
    t.match(
      ended,
      { code: 1, out: '', err: /^gatehouse: the gateway at .* did not understand.*\n.*\n$/ },
      body,
    )
  }
})

t.test('what is no question', async (t) => {
  t.match(await runCli(['explain', 'GET']), { code: 2, err: /a method and a path/ })
  t.match(await runCli(['explain', 'GET', 'x']), { code: 2, err: /is no path/ })
  t.match(await runCli(['explain', 'GET', '/', '--as', 'a', '--token', 'b']), { code: 2, err: /not both/ })
})
