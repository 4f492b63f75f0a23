import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { newKey } from '../gateway/fake-issuer.ts'
import { internalClaims, internalToken, gatewayKey } from '../gateway/internal-tokens.ts'
import { startRig } from '../gateway/rig.ts'
import { signInternalToken, type ActClaim } from '@gatehouse/kit/tokens/internal'

const rig = await startRig(t, {
  config: `
edges:
  - { from: orders, to: inventory, scopes: [inventory:reserve] }
  - { from: inventory, to: users, scopes: [users:read] }
`,
})
const path = '/inventory/reservations'
const now = Math.floor(Date.now() / 1000)
const key = await gatewayKey(rig)
const good = await internalToken(rig)

async function refused(
  test: Test,
  what: string,
  sending: { readonly as?: string | null; readonly path?: string; readonly token?: string | undefined },
  expected: readonly [number, string],
): Promise<void> {
  const headers: Record<string, string> =
    sending.token === undefined ? {} : { authorization: `Bearer ${sending.token}` }
  const answer = await rig.inside(sending.as === undefined ? 'orders' : sending.as, {
    path: sending.path ?? path,
    headers,
  })
  test.same([answer.status, answer.json['code']], [...expected], `${what}: ${answer.text}`)
  test.equal(rig.reached(), 0, `${what}: no service saw it`)
}

t.test('who asks must prove it, and show a token that was made for it', async (t) => {
  await refused(t, 'no certificate', { as: null, token: good }, [401, 'missing_credentials'])
  await refused(t, 'no token', {}, [401, 'missing_credentials'])
  await refused(t, 'a token for somebody else', { as: 'users', token: good, path: '/inventory/x' }, [
    403,
    'forbidden',
  ])
  const users = await internalToken(rig, { aud: 'users' })
  await refused(t, 'of another workload', { token: users }, [401, 'invalid_token'])
  await refused(t, 'the caller’s access token', { token: rig.issuer.token() }, [401, 'invalid_token'])
  const access = rig.issuer.token({ aud: 'orders' }, { typ: 'internal+jwt' })
  await refused(t, 'of the other issuer', { token: access }, [401, 'invalid_token'])
  const other = newKey()
  const forged = signInternalToken(internalClaims(), { ...key, privateKey: other.privateKey })
  await refused(t, 'of another key', { token: forged }, [401, 'invalid_token'])
})

t.test(
  'a coded body is refused, as at the public door: who gets it would not hear that it is coded',
  async (t) => {
    const send = (coding: string) =>
      rig.inside('orders', {
        method: 'POST',
        path,
        headers: {
          authorization: `Bearer ${good}`,
          'content-type': 'application/json',
          'content-encoding': coding,
        },
        body: gzipSync('{"sku":"a"}'),
      })
    for (const coding of ['gzip', 'BR', 'identity, gzip', 'unknown']) {
      const { status, json } = await send(coding)
      t.same([status, json['code']], [415, 'unsupported_media_type'], coding)
    }
    t.equal(rig.reached(), 0)
    t.equal((await send('identity')).status, 200)
    rig.services.inventory.only()
  },
)

t.test('a token that is over, or says too much', async (t) => {
  for (const [what, changes] of [
    ['expired', { iat: now - 100, exp: now - 41 }],
    ['not yet', { iat: now + 30, exp: now + 60 }],
    ['too long a life', { exp: now + 61, iat: now - 1 }],
    ['another issuer', { iss: 'urn:gatehouse:other:internal' }],
    ['two services', { aud: 'orders inventory' }],
  ] as const) {
    const token = signInternalToken(internalClaims(changes), key)
    await refused(t, what, { token }, [401, 'invalid_token'])
  }
})

t.test('no edge, no way', async (t) => {
  await refused(t, 'a service that it may not call', { token: good, path: '/orders/x' }, [403, 'forbidden'])
  await refused(t, 'a service that is none', { token: good, path: '/nobody/x' }, [403, 'forbidden'])
  const users = await internalToken(rig, { aud: 'users' })
  await refused(t, 'a workload without edges', { as: 'users', token: users, path: '/inventory/x' }, [
    403,
    'forbidden',
  ])
  await refused(t, 'in another case', { token: good, path: '/Inventory/x' }, [403, 'forbidden'])
  await refused(t, 'without a path', { token: good, path: '/inventory' }, [404, 'not_found'])
  for (const odd of [
    '/inventory/../users/x',
    '/inventory/%2e%2e/x',
    '//inventory/x',
    '/inventory//x',
    '/inventory;a/x',
  ]) {
    await refused(t, odd, { token: good, path: odd }, [400, 'invalid_path'])
  }
})

t.test('no scope in common', async (t) => {
  const token = await internalToken(rig, { scope: 'orders:write' })
  await refused(t, 'none', { token }, [403, 'insufficient_scope'])
})

t.test('a chain has eight links', async (t) => {
  const chain = (links: number): ActClaim => ({
    sub: 'spiffe://gatehouse.local/users',
    ...(links > 1 ? { act: chain(links - 1) } : {}),
  })
  await refused(t, 'the ninth', { token: await internalToken(rig, { act: chain(8) }) }, [403, 'forbidden'])
  await refused(t, 'more', { token: await internalToken(rig, { act: chain(9) }) }, [401, 'invalid_token'])
  const answer = await rig.inside('orders', {
    path,
    headers: { authorization: `Bearer ${await internalToken(rig, { act: chain(7) })}` },
  })
  t.equal(answer.status, 200, 'the eighth')
  rig.services.inventory.only()
})

t.test('that a token was proven for one workload is no proof for another', async (t) => {
  const headers = { authorization: `Bearer ${good}` }
  t.equal((await rig.inside('orders', { path, headers })).status, 200, 'proven, and remembered')
  rig.services.inventory.only()
  await refused(t, 'shown by another', { as: 'inventory', token: good, path: '/users/x' }, [
    401,
    'invalid_token',
  ])
})

t.test('headers of a workload are taken no more than anybody else’s', async (t) => {
  const answer = await rig.inside('orders', {
    path,
    headers: {
      authorization: `Bearer ${good}`,
      'x-user': 'admin',
      cookie: 'a=b',
      'x-request-id': 'forged',
      'x-forwarded-for': '1.2.3.4',
    },
  })
  t.equal(answer.status, 200)
  const { headers } = rig.services.inventory.only()
  for (const name of ['x-user', 'cookie', 'x-forwarded-for', 'gatehouse-scope'])
    t.notOk(name in headers, name)
  t.equal(headers['x-request-id'], internalClaims().txn)
})
