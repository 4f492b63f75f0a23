import t from 'tap'
import { createLogger } from '@gatehouse/kit/log'
import { RevocationIndex } from '../../gateway/revocation/index.ts'

const subject = { jti: 'j', sub: 's', client_id: 'c', sid: 'sid', iat: 1_000 }

function index(options: { capacity?: number } = {}) {
  const time = { now: 1_000_000 }
  const revocation = new RevocationIndex({
    clock: { now: () => time.now },
    log: createLogger({ name: 'test', level: 'silent' }),
    retentionMs: 60_000,
    ...options,
  })
  return { revocation, time }
}

t.test('each of the five ways takes a token away, and only that token', async (t) => {
  for (const entry of [
    { by: 'jti', value: 'j' },
    { by: 'sid', value: 'sid' },
    { by: 'kid', value: 'k' },
    { by: 'sub', value: 's', before: 1_000_000 },
    { by: 'client_id', value: 'c', before: 1_000_000 },
  ] as const) {
    const { revocation } = index()
    t.equal(revocation.isRevoked(subject, 'k'), false)
    revocation.revoke(entry)
    t.equal(revocation.isRevoked(subject, 'k'), true, entry.by)
    const other = { jti: 'j2', sub: 's2', client_id: 'c2', sid: 'sid2', iat: 1_000 }
    t.equal(revocation.isRevoked(other, 'k2'), false, `${entry.by}: another token`)
  }
})

t.test('a subject who signs in again is served again', async (t) => {
  const { revocation } = index()
  revocation.revoke({ by: 'sub', value: 's', before: 1_000_500 })
  t.equal(revocation.isRevoked({ ...subject, iat: 1_000 }, 'k'), true)
  t.equal(revocation.isRevoked({ ...subject, iat: 1_001 }, 'k'), false)
  revocation.revoke({ by: 'sub', value: 's', before: 900_000 })
  t.equal(revocation.isRevoked({ ...subject, iat: 1_000 }, 'k'), true, 'an older event takes nothing back')
})

t.test('an entry lasts as long as a token could, and not for ever', async (t) => {
  const { revocation, time } = index()
  revocation.revoke({ by: 'jti', value: 'j' })
  time.now += 59_999
  revocation.revoke({ by: 'jti', value: 'x1' })
  t.equal(revocation.isRevoked(subject, 'k'), true)
  time.now += 1
  revocation.revoke({ by: 'jti', value: 'x2' })
  t.equal(revocation.isRevoked(subject, 'k'), true, 'in the older generation')
  time.now += 60_000
  revocation.revoke({ by: 'jti', value: 'x3' })
  t.equal(revocation.isRevoked(subject, 'k'), false, 'no token of then is alive')
})

t.test('when there are too many, everything issued until then is refused', async (t) => {
  const { revocation } = index({ capacity: 10 })
  for (let n = 0; n < 11; n++) revocation.revoke({ by: 'jti', value: `x${n}` })
  t.equal(revocation.isRevoked({ ...subject, jti: 'x3' }, 'k'), true)
  t.equal(revocation.isRevoked(subject, 'k'), true, 'also what was not named')
  t.equal(revocation.isRevoked({ ...subject, iat: 1_001 }, 'k'), false, 'what is issued later is good')
})

t.test('names of objects are names', async (t) => {
  const { revocation } = index()
  t.equal(revocation.isRevoked({ ...subject, jti: '__proto__', sub: 'constructor' }, 'toString'), false)
})

t.test('listeners hear of it until they leave', async (t) => {
  const { revocation } = index()
  const heard: unknown[] = []
  const leave = revocation.onRevoked((revoked) => heard.push(revoked))
  revocation.revoke({ by: 'jti', value: 'a' })
  leave()
  revocation.revoke({ by: 'jti', value: 'b' })
  t.same(heard, [{ by: 'jti', value: 'a' }])
})
