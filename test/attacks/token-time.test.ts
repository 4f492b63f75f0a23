import t from 'tap'
import { clockToleranceMs } from '../../gateway/authn/access-token-verifier.ts'
import { invalidToken, refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const { issuer } = rig
const path = '/api/orders'
const tolerance = clockToleranceMs / 1000
/** The beginning of a second, so that a second is one for the request that comes next. */
const now = (): number => {
  rig.clock.advance(1000 - (Date.now() % 1000))
  return Math.floor(Date.now() / 1000)
}

t.test('exp, one second on either side of the tolerance', async (t) => {
  const token = (after: number) => {
    const at = now()
    return issuer.token({ iat: at - 300, exp: at - tolerance + after })
  }
  t.equal((await rig.call({ path, token: token(1) })).status, 200, 'just within')
  await refused(t, rig, 'just beyond', { path, token: token(-1) }, invalidToken)
})

t.test('nbf and iat, one second on either side of the tolerance', async (t) => {
  for (const name of ['nbf', 'iat']) {
    const token = (ahead: number) => {
      const at = now()
      return issuer.token({ [name]: at + tolerance + ahead, exp: at + 300 })
    }
    t.equal((await rig.call({ path, token: token(-1) })).status, 200, `${name} just within`)
    await refused(t, rig, `${name} just beyond`, { path, token: token(1) }, invalidToken)
  }
})

t.test('a token that was good a moment ago is looked at again', async (t) => {
  const token = issuer.token({ exp: now() + 60 })
  t.equal((await rig.call({ path, token })).status, 200)
  rig.clock.advance(59_000)
  t.equal((await rig.call({ path, token })).status, 200)
  rig.clock.advance(5_000)
  await refused(t, rig, 'remembered, and over', { path, token }, invalidToken)
})
