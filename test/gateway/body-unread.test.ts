import { connect } from 'node:net'
import t from 'tap'
import { eventually, until } from '../harness/eventually.ts'
import { ReceivedRequests } from '../harness/received.ts'
import { sendRaw, statuses } from './client.ts'
import { startRig, type Rig } from './rig.ts'

const chunkedPost = (rig: Rig) =>
  `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n` +
  'content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'

const tooMuch = `${(200_000).toString(16)}\r\n${'x'.repeat(200_000)}\r\n`

/** A service that is busy with as much as it may get. */
async function busy(rig: Rig): Promise<void> {
  rig.services.orders.answer = () => {}
  void rig.call({ path: '/api/orders' }).catch(() => undefined)
  await until(() => rig.services.orders.seen.length > 0)
}

t.test('a body of unstated length that grows too large while its request waits for its turn', async (t) => {
  const rig = await startRig(t, {
    config: 'upstreams: { orders: { concurrency: { max: 1, queue: 1, wait: 300ms } } }',
  })
  await busy(rig)
  const answer = await sendRaw(rig.port, chunkedPost(rig) + tooMuch, 1000)
  t.match(statuses(answer), [503], 'it did not get its turn')
})

t.test('one that grows too large after its request was turned away', async (t) => {
  const rig = await startRig(t, { config: 'upstreams: { orders: { concurrency: { max: 1, queue: 0 } } }' })
  await busy(rig)
  const answer = await sendRaw(rig.port, chunkedPost(rig) + tooMuch, 1000)
  t.match(statuses(answer), [503])
})

t.test('a caller that leaves while its request waits for its turn', async (t) => {
  const rig = await startRig(t, {
    config: 'upstreams: { orders: { concurrency: { max: 1, queue: 1, wait: 30s } } }',
  })
  await busy(rig)
  const received = new ReceivedRequests()
  t.teardown(() => received.stop())
  const socket = connect(rig.port, '127.0.0.1', () => socket.write(`${chunkedPost(rig)}5\r\nhello\r\n`))
  t.ok(await eventually(() => received.at(rig.port).some(({ method }) => method === 'POST')))
  socket.resetAndDestroy()
  t.ok(await eventually(() => rig.log.requests().length > 0))
  t.match(rig.log.requests().at(-1), { status: 499 })
})
