import t from 'tap'
import { clockToleranceMs } from '../../gateway/authn/access-token-verifier.ts'
import { invalidToken, refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const { issuer } = rig
const path = '/api/orders'
const tolerance = clockToleranceMs / 1000
/** Away from the turn of a second, so that a second is one. */
const now = async (): Promise<number> => {
  const into = Date.now() % 1000
  if (into > 300) await new Promise((resolve) => setTimeout(resolve, 1010 - into))
  return Math.floor(Date.now() / 1000)
}

t.test('exp, one second on either side of the tolerance', async (t) => {
  const at = await now()
  const token = (exp: number) => issuer.token({ iat: at - 300, exp })
  t.equal((await rig.call({ path, token: token(at - tolerance + 1) })).status, 200, 'just within')
  await refused(t, rig, 'just beyond', { path, token: token(at - tolerance - 1) }, invalidToken)
})

t.test('nbf and iat, one second on either side of the tolerance', async (t) => {
  const at = await now()
  for (const name of ['nbf', 'iat']) {
    const token = (time: number) => issuer.token({ [name]: time, exp: at + 300 })
    t.equal((await rig.call({ path, token: token(at + tolerance - 1) })).status, 200, `${name} just within`)
    await refused(t, rig, `${name} just beyond`, { path, token: token(at + tolerance + 1) }, invalidToken)
  }
})

t.test('a token that was good a moment ago is looked at again', async (t) => {
  const at = await now()
  const token = issuer.token({ exp: at + 60 })
  t.equal((await rig.call({ path, token })).status, 200)
  rig.clock.advance(59_000)
  t.equal((await rig.call({ path, token })).status, 200)
  rig.clock.advance(5_000)
  await refused(t, rig, 'remembered, and over', { path, token }, invalidToken)
})
