import type { lookup } from 'node:dns'
import { createServer, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { GuardedFetch } from '../../idp/fetch/guarded-fetch.ts'

const get = { method: 'GET', headers: {}, body: null }

/** A server on loopback, and how many connected to it. */
async function listener(t: Test, answer: RequestListener) {
  let connections = 0
  const server = createServer(answer).on('connection', () => void (connections += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, connections: () => connections }
}

function guard(
  t: Test,
  allow: readonly string[] = [],
  resolve?: typeof lookup,
  clock = systemClock,
): GuardedFetch {
  const guarded = new GuardedFetch({
    clock,
    allow,
    ...(resolve === undefined ? {} : { resolve }),
  })
  t.teardown(() => guarded.close())
  return guarded
}

t.test('addresses that are not public are not connected to', async (t) => {
  const { port, connections } = await listener(t, (_request, response) => response.end('[]'))
  const hosts = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[::127.0.0.1]',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '[fe80::1]',
    '[fd00::1]',
    '[fec0::1]',
    '224.0.0.1',
    '255.255.255.255',
    'localhost',
    '[::ffff:169.254.169.254]',
  ]
  for (const host of hosts) {
    const error = await guard(t)
      .fetch(`https://${host}:${port}/`, get)
      .then(() => undefined, reasonOf)
    t.match(error, /not a public one/, host)
  }
  t.equal(connections(), 0, 'nobody connected')
})

t.test('a name is checked where it is connected to: rebinding finds nothing to swap', async (t) => {
  const { port, connections } = await listener(t, (_request, response) => response.end('[]'))
  for (const addresses of [['127.0.0.1'], ['93.184.215.14', '127.0.0.1'], ['::ffff:127.0.0.1'], []]) {
    const answers = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const resolve: unknown = (_name: string, _options: object, callback: (...all: unknown[]) => void) =>
      callback(null, answers)
    if (!isLookup(resolve)) throw new Error('not a function')
    const error = await guard(t, [], resolve)
      .fetch(`https://innocent.example:${port}/`, get)
      .then(() => undefined, reasonOf)
    t.match(error, /not a public one|no address/, addresses.join())
  }
  t.equal(connections(), 0)
})

t.test('plain http, credentials in the URL: refused', async (t) => {
  for (const url of [
    'http://example.com/',
    'https://a:b@example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
  ]) {
    await t.rejects(guard(t).fetch(url, get), { name: 'FetchRefused' }, url)
  }
})

t.test('what the configuration allows is fetched, within limits', async (t) => {
  let silent = true
  const { port } = await listener(t, (request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: '/secret' }).end()
    else if (request.url === '/large') response.end('x'.repeat(300 * 1024))
    else if (silent && request.url === '/silent') response.writeHead(200).flushHeaders()
    else response.end('{"keys":[]}')
  })
  const origin = `http://127.0.0.1:${port}`
  t.equal(await (await guard(t, ['127.0.0.1']).fetch(`${origin}/`, get)).text(), '{"keys":[]}')
  t.equal((await guard(t, ['127.0.0.1']).fetch(`${origin}/redirect`, get)).status, 302, 'not followed')
  await t.rejects(guard(t, ['127.0.0.1']).fetch(`${origin}/large`, get), { message: /too large/ })
  let now = Date.now()
  const patient = guard(t, ['127.0.0.1'], undefined, { now: () => now })
  await t.rejects(patient.fetch(`${origin}/silent`, get), 'no answer without an end')
  const silentAgain = () => patient.fetch(`${origin}/silent`, get)
  await t.rejects(silentAgain(), { message: /a moment ago/ }, 'and then it is left alone')
  now -= 3_600_000
  silent = false
  const { status } = await silentAgain()
  t.equal(status, 200, 'a clock that is set back leaves nobody alone until it is there again')
})

t.test('who does not answer shuts nobody out who is at the same host', async (t) => {
  const { port } = await listener(t, (request, response) => {
    if (request.url !== '/hanging') response.end(request.url)
  })
  const origin = `http://127.0.0.1:${port}`
  const guarded = guard(t, ['127.0.0.1'])
  const hanging = Array.from({ length: 6 }, () =>
    guarded.fetch(`${origin}/hanging`, get).then(() => '', reasonOf),
  )
  t.equal(await (await guarded.fetch(`${origin}/meanwhile`, get)).text(), '/meanwhile')
  const reasons = await Promise.all(hanging)
  t.equal(
    reasons.filter((reason) => reason.includes('a moment ago')).length,
    4,
    'who waits in line waits no more',
  )
  t.equal(await (await guarded.fetch(`${origin}/afterwards`, get)).text(), '/afterwards')
  await t.rejects(guarded.fetch(`${origin}/hanging`, get), { message: /a moment ago/ })
})

t.test('several clients of one host that do not answer leave the others theirs', async (t) => {
  let open = 0
  const allOpen = Promise.withResolvers<void>()
  const { port } = await listener(t, (request, response) => {
    if (request.url === '/sound') response.end()
    else open += 1
    if (open === 2 * clients.length) allOpen.resolve()
  })
  const clients = Array.from({ length: 20 }, (_, index) => `http://127.0.0.1:${port}/hanging-${index}`)
  const guarded = guard(t, ['127.0.0.1'])
  const hanging = Promise.all(
    [...clients, ...clients].map((url) => guarded.fetch(url, get).then(() => '', reasonOf)),
  )
  await Promise.race([allOpen.promise, hanging])
  const sound = guarded.fetch(`http://127.0.0.1:${port}/sound`, get)
  const first = await Promise.race([hanging.then(() => 'who hangs'), sound.then(({ status }) => status)])
  t.equal(first, 200)
  await hanging
})

t.test('many to one address all arrive, two at a time', async (t) => {
  let served = 0
  let most = 0
  const { port } = await listener(t, (_request, response) => {
    served += 1
    most = Math.max(most, served)
    setImmediate(() => {
      served -= 1
      response.end('here')
    })
  })
  const guarded = guard(t, ['127.0.0.1'])
  const all = Array.from({ length: 20 }, async () =>
    (await guarded.fetch(`http://127.0.0.1:${port}/logout`, get)).text(),
  )
  t.same(new Set(await Promise.all(all)), new Set(['here']))
  t.ok(most <= 2, String(most))
})

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}` : error.message
}

function isLookup(value: unknown): value is typeof lookup {
  return typeof value === 'function'
}
