import t from 'tap'
import { refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t, { config: 'gateway: { limits: { headers: 64KiB } }' })
const { issuer } = rig
const path = '/api/orders'

t.test('a token over 16 kB is 431, before anything is parsed', async (t) => {
  const large = issuer.token({ padding: 'x'.repeat(16_384) })
  await refused(t, rig, 'signed and good', { path, token: large }, [431, 'headers_too_large'])
  await refused(t, rig, 'garbage', { path, token: 'x'.repeat(40_000) }, [431, 'headers_too_large'])
  await refused(t, rig, 'dots', { path, token: '.'.repeat(40_000) }, [431, 'headers_too_large'])
})

t.test('a token just below is read', async (t) => {
  const bare = issuer.token({ padding: '' }).length
  const token = issuer.token({ padding: 'x'.repeat(Math.floor(((16_384 - bare) * 3) / 4) - 2) })
  t.ok(token.length > 16_300 && token.length <= 16_384, `${token.length}`)
  t.equal((await rig.call({ path, token })).status, 200)
})

t.test('headers that are too large altogether never get so far', async (t) => {
  await refused(t, rig, 'beyond the limit', { path, token: 'x'.repeat(66_000) }, [431, 'headers_too_large'])
})
