import t from 'tap'
import { bootstrap } from '../../idp/bootstrap/bootstrap.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { contextOf } from './context.ts'

t.test('production refuses a store in which the people and clients of the demo are', async (t) => {
  const platform = await startPlatform({ t, only: ['idp'] })
  const context = contextOf(platform)
  const deps = await buildDeps(context)
  t.teardown(() => deps.close())
  const production = { ...context, production: true }
  const start = () => bootstrap(production, deps)

  await t.rejects(start(), {
    name: 'StartError',
    message: /the demo made: alice, bob, carol, admin, demo-machine, demo-machine-jwt, demo-native$/,
    hint: /accounts delete.*clients delete/,
  })
  const { db } = deps.store
  await db.deleteFrom('accounts').where('id', 'in', ['acc-alice', 'acc-bob', 'acc-carol']).execute()
  await db.updateTable('accounts').set({ disabled: 1 }).execute()
  await db.deleteFrom('clients').where('client_id', 'in', ['demo-machine', 'demo-machine-jwt']).execute()
  await t.rejects(start(), { message: /the demo made: demo-native$/ }, 'who is shut out cannot sign in')
  await bootstrap(context, deps)
  await db.deleteFrom('clients').where('client_id', '=', 'demo-native').execute()
  await t.resolves(start())
})

t.test('a client that the configuration declares is not of the demo, whatever its id', async (t) => {
  const config = `idp:
    demo: false
    clients:
      - { client_id: demo-native, token_endpoint_auth_method: none, application_type: native, scope: openid,
          grant_types: [authorization_code], redirect_uris: ['http://127.0.0.1/callback'] }`
  const platform = await startPlatform({ t, only: ['idp'], config })
  const context = contextOf(platform)
  const deps = await buildDeps(context)
  t.teardown(() => deps.close())
  await t.resolves(bootstrap({ ...context, production: true }, deps))
})
