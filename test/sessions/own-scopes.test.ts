import t from 'tap'
import { startPlatform } from '../harness/index.ts'

const parcels = `
routes:
  - id: parcels.list
    match: { path: /api/parcels, methods: [GET] }
    authn: [session]
    authz: { scopes: [parcels:read] }
    token: { scopes: [orders:read] }
    upstream: orders
`

t.test('a session has the scopes that the configuration gives sessions', async (t) => {
  const scopes = 'gateway: { session: { scopes: [parcels:read, inventory:write] } }'
  const platform = await startPlatform({ t, config: `${scopes}${parcels}` })
  const alice = await platform.signIn('alice')
  t.match(await (await alice.fetch('/auth/session')).json(), {
    scope: 'parcels:read inventory:write',
  })
  t.equal((await alice.fetch('/api/parcels')).status, 404, 'its service has no such thing')
  t.equal((await alice.fetch('/api/orders')).status, 403)
})

t.test('by default those of the shop', async (t) => {
  const platform = await startPlatform({ t, config: parcels })
  const alice = await platform.signIn('alice')
  t.equal((await alice.fetch('/api/parcels')).status, 403)
  t.equal((await alice.fetch('/api/orders')).status, 200)
})
