import t from 'tap'
import { sendRaw, statuses } from '../gateway/client.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const post = (expect: string) =>
  `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n${expect}content-length: 2\r\nconnection: close\r\n\r\n{}`

t.test('100-continue is met, and ends here', async (t) => {
  t.same(statuses(await sendRaw(rig.port, post('expect: 100-continue\r\n'), 2000)), [100, 200])
  const seen = rig.services.orders.only()
  t.notOk('expect' in seen.headers)
  t.equal(seen.body, '{}')
})

t.test('other expectations are 417', async (t) => {
  for (const expect of ['200-ok', '100-continue, x', 'x']) {
    const answer = await sendRaw(rig.port, post(`expect: ${expect}\r\n`), 2000)
    t.equal(statuses(answer).at(-1), 417, expect)
    t.match(answer, /"code":"expectation_failed"/)
  }
  t.equal(rig.reached(), 0)
})
