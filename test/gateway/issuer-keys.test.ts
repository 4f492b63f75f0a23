import t from 'tap'
import { newKey } from './fake-issuer.ts'
import { startRig } from './rig.ts'

t.test('a new key of the issuer is learnt when it is met', async (t) => {
  const rig = await startRig(t)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
  const old = rig.issuer.token()
  const next = newKey()
  rig.issuer.published = [rig.issuer.key, next]
  rig.issuer.key = next
  rig.clock.advance(31_000)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200, 'signed by the new one')
  t.equal((await rig.call({ path: '/api/orders', token: old })).status, 200, 'the old one still verifies')
})

t.test('a key that the issuer withdrew verifies no more, not even what it verified before', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token({ exp: Math.floor(Date.now() / 1000) + 3600 })
  t.equal((await rig.call({ path: '/api/orders', token })).status, 200)
  const next = newKey()
  rig.issuer.published = [next]
  rig.issuer.key = next
  rig.clock.advance(31_000)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200, 'the gateway meets the new key')
  const answer = await rig.call({ path: '/api/orders', token })
  t.match([answer.status, answer.json['code']], [401, 'invalid_token'])
})

t.test('while the issuer is away or talks nonsense, known keys go on', async (t) => {
  const rig = await startRig(t)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
  for (const broken of [
    { status: 500, body: '' },
    { status: 200, body: '{"keys":[]}' },
    { status: 200, body: 'not JSON' },
    { status: 200, body: JSON.stringify({ keys: [], padding: 'x'.repeat(100_000) }) },
  ]) {
    rig.issuer.broken = broken
    rig.clock.advance(301_000)
    const answer = await rig.call({ path: '/api/orders' })
    t.equal(answer.status, 200, `${broken.status} ${broken.body.slice(0, 20)}`)
  }
})
