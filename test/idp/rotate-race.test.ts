import type { AdminCall } from '@gatehouse/kit/admin/route'
import { conforms } from '@gatehouse/kit/conforms'
import t from 'tap'
import { updateClient } from '../../idp/admin/clients/update.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { outcome, tokenRequest } from './native.ts'

/** A change of the client's name. */
const call: AdminCall = {
  actor: 'test',
  txn: 'txn_test',
  ifMatch: undefined,
  param: () => 'shop',
  query: () => undefined,
  body: (schema) => {
    const body: unknown = { client_name: 'Shop, renamed' }
    if (conforms(schema, body)) return body
    throw new TypeError('not a body')
  },
}

t.test('a secret that was replaced does not come back by a change that was under way', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  const admin = await Admin.of(platform)
  const made = await admin.send('POST', '/clients', { client_id: 'shop', scope: 'orders:read' })
  const before = textField(made.body, 'client_secret')

  const change = await updateClient.prepare(deps, call)
  const after = textField((await admin.send('POST', '/clients/shop/secret')).body, 'client_secret')
  await deps.store.db.transaction().execute((trx) => change.run(trx))

  const ask = async (secret: string) =>
    outcome(
      await tokenRequest(
        platform.config.issuer,
        { grant_type: 'client_credentials' },
        { id: 'shop', secret },
      ),
    )
  t.equal(await ask(before), '401 invalid_client')
  t.equal(await ask(after), '200')
})
