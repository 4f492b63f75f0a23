import { createHmac } from 'node:crypto'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { newTokens } from './native.ts'
import { Receiver } from './receiver.ts'

const revoke = (issuer: string, token: string) =>
  fetch(`${issuer}/oauth/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'demo-native', token }),
  })

t.test('events wait for their acknowledgement, in order', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const receiver = new Receiver(platform)
  const other = new Receiver(platform)
  t.same(await receiver.poll(), [], 'a new stream begins now')
  await other.poll()
  const { accessToken } = await newTokens(platform)
  const jtis: string[] = []
  for (let n = 0; n < 3; n += 1) {
    await revoke(issuer, accessToken)
    jtis.push((await receiver.poll()).at(-1)?.jti ?? '')
  }
  const names = async (body = {}, from = receiver) => (await from.poll(body)).map(({ jti }) => jti)
  t.same(await names(), jtis, 'all, the oldest first')
  t.same(await names(), jtis, 'and again')
  t.same(await names({ maxEvents: 2 }), jtis.slice(0, 2))
  const limited: unknown = await (await receiver.request({ maxEvents: 2 })).json()
  t.equal(Object(limited).moreAvailable, true)
  t.same(await names({ maxEvents: 0 }), [], 'acknowledging alone')

  t.same(await names({ ack: [jtis[1]] }), [jtis[0], jtis[2]], 'out of order')
  t.same(await names({ ack: ['unknown'] }), [jtis[0], jtis[2]])
  t.same(await names({ setErrs: { [jtis[0] ?? '']: { err: 'invalid_key', description: 'no' } } }), [jtis[2]])
  t.same(await names({ ack: [jtis[2]] }), [])
  t.same(await names({}, other), jtis, 'each stream has its own')
  await platform.restart('idp')
  t.same(await names(), [], 'what was acknowledged stays so')
  t.same(await names({}, other), jtis, 'and what was not, too')

  const late = new Receiver(platform)
  const since = Math.floor(platform.clock.now() / 1000) - 60
  t.same(
    (await late.poll({}, `&since=${since}`)).map(({ jti }) => jti),
    jtis,
    'from a moment in the past',
  )
})

t.test('a poll waits for the next event', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const receiver = new Receiver(platform)
  await receiver.poll()
  const { accessToken } = await newTokens(platform)
  const waiting = receiver.poll({ returnImmediately: false })
  await revoke(platform.config.issuer, accessToken)
  const revokedAt = performance.now()
  const [event] = await waiting
  t.equal(event?.type, 'token-revoked')
  t.ok(performance.now() - revokedAt < 5_000, 'and gets it at once')
  const polls = () => platform.received('idp').filter(({ path }) => path.startsWith('/events/poll')).length
  const before = polls()
  const idle = receiver.request({ returnImmediately: false, ack: [event?.jti] }).catch(() => undefined)
  await until(() => polls() > before)
  const stoppedAt = performance.now()
  await platform.stopPart('idp')
  t.ok(performance.now() - stoppedAt < 5_000, 'a waiting poll does not hold the server up')
  await idle
})

t.test('only named receivers may poll', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const poll = async (authorization: string | undefined, body = '{}') => {
    const headers = new Headers({ 'content-type': 'application/json' })
    if (authorization !== undefined) headers.set('authorization', authorization)
    const answer = await fetch(`${issuer}/events/poll`, { method: 'POST', headers, body })
    return `${answer.status} ${String(Object(await answer.json()).code)}`
  }
  const good = await new Receiver(platform).token()
  t.equal(await poll(undefined), '401 missing_credentials')
  t.equal(await poll('Basic Zm9vOmJhcg=='), '401 missing_credentials')
  t.equal(await poll(`Bearer ${await platform.token()}`), '401 invalid_token', 'a token for the APIs')
  const [head = '', body = ''] = good.split('.')
  const forged = createHmac('sha256', 'x').update(`${head}.${body}`).digest('base64url')
  t.equal(await poll(`Bearer ${head}.${body}.${forged}`), '401 invalid_token')
  t.equal(await poll(`Bearer ${good}`, '{"maxEvents":-1}'), '422 validation_failed')
  t.equal(await poll(`Bearer ${good}`, '{"ack":"all"}'), '422 validation_failed')
  const refused = await new Receiver(platform).request({ ack: 'all' })
  t.match(await refused.json(), { errors: [{ path: '/ack' }] })

  const machine = await platform.requestToken({ resource: 'urn:gatehouse:events' })
  t.equal(machine.status, 400, 'nobody else gets a token for the events')
  const api = await new Receiver(platform).token()
  const gateway = JSON.parse(Buffer.from(api.split('.')[1] ?? '', 'base64url').toString())
  t.equal(gateway.aud, 'urn:gatehouse:events')
  t.equal(gateway.scope, 'events:poll')
})
