import t from 'tap'
import { startRig } from './rig.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'

t.test('a trace goes on, with the gateway as a step of its own', async (t) => {
  const rig = await startRig(t)
  const given = { traceparent: `00-${trace}-${span}-01`, tracestate: 'vendor=1' }
  await rig.call({ path: '/api/orders', headers: given })
  const { headers } = rig.services.orders.only()
  t.match(headers['traceparent'], new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`))
  t.notMatch(headers['traceparent'], span)
  t.equal(headers['tracestate'], 'vendor=1')
  await rig.call({ path: '/api/orders', headers: { traceparent: `cc-${trace}-${span}-00-later` } })
  t.match(rig.services.orders.only().headers['traceparent'], new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`))
})

t.test('what is no trace is not continued: another one begins', async (t) => {
  const rig = await startRig(t)
  const wrong = [
    undefined,
    'x',
    `ff-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01-more`,
    `00-${trace}-${span}-01, 00-${trace}-${span}-01`,
  ]
  const seen = new Set<unknown>()
  for (const traceparent of wrong) {
    const headers = traceparent === undefined ? {} : { traceparent, tracestate: 'vendor=1' }
    await rig.call({ path: '/api/orders', headers })
    const got = rig.services.orders.only().headers
    t.match(got['traceparent'], /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/, String(traceparent))
    t.notMatch(got['traceparent'], trace)
    t.equal(got['tracestate'], undefined)
    seen.add(got['traceparent'])
  }
  t.equal(seen.size, wrong.length, 'each its own')
})
