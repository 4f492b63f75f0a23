import type { AdminAnswer, AdminCall } from '@gatehouse/kit/admin/route'
import { conforms } from '@gatehouse/kit/conforms'
import t from 'tap'
import { setClaims } from '../../idp/admin/accounts/claims.ts'
import { deleteAccount } from '../../idp/admin/accounts/delete.ts'
import { disable } from '../../idp/admin/accounts/disable.ts'
import { enable } from '../../idp/admin/accounts/enable.ts'
import { setPassword } from '../../idp/admin/accounts/password.ts'
import { setRoles } from '../../idp/admin/accounts/roles.ts'
import { showAccount } from '../../idp/admin/accounts/show.ts'
import { createClient } from '../../idp/admin/clients/create.ts'
import { deleteClient } from '../../idp/admin/clients/delete.ts'
import { rotateSecret } from '../../idp/admin/clients/rotate-secret.ts'
import { updateClient } from '../../idp/admin/clients/update.ts'
import { changing, type ChangeRoute } from '../../idp/admin/route.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'

/** A request as the routes get it. */
function callWith(
  ifMatch: string | undefined,
  parameters: Readonly<Record<string, string>>,
  body: unknown,
): AdminCall {
  return {
    actor: 'test',
    txn: 'txn_test',
    ifMatch,
    param: (name) => parameters[name] ?? '',
    query: () => undefined,
    body: (schema) => {
      if (conforms(schema, body)) return body
      throw new TypeError('not what the route takes')
    },
  }
}

const ofAccounts: readonly (readonly [ChangeRoute, unknown])[] = [
  [setClaims, { nickname: 'Bobby' }],
  [setRoles, { roles: ['support'] }],
  [setPassword, { password: 'a password that nobody gave' }],
  [disable, undefined],
  [enable, undefined],
  [deleteAccount, undefined],
]

const ofClients: readonly (readonly [ChangeRoute, unknown])[] = [
  [updateClient, { client_name: 'Watched by somebody' }],
  [rotateSecret, undefined],
  [deleteClient, undefined],
]

t.test('If-Match holds until the change is made, not only when it is looked at', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  const { db } = deps.store
  const etagOf = async (path: string) => (await admin.get(path)).headers.get('etag') ?? ''

  const accounts = () => db.selectFrom('accounts').selectAll().orderBy('id').execute()
  for (const [at, [route, body]] of ofAccounts.entries()) {
    const call = callWith(await etagOf('/accounts/acc-bob'), { id: 'acc-bob' }, body)
    const { run } = await route.prepare(deps, call)
    // Somebody else was faster.
    await admin.send('PUT', '/accounts/acc-bob/claims', { nickname: `Bob ${at}` })
    const before = await accounts()
    const changed = db.transaction().execute(run)
    await t.rejects(changed, { code: 'precondition_failed' }, `${route.method} ${route.path}`)
    t.same(await accounts(), before)
  }

  await admin.send('POST', '/clients', { client_id: 'watched', grant_types: ['client_credentials'] })
  const clients = () => db.selectFrom('clients').selectAll().orderBy('client_id').execute()
  for (const [route, body] of ofClients) {
    const call = callWith(await etagOf('/clients/watched'), { client_id: 'watched' }, body)
    const { run } = await route.prepare(deps, call)
    await admin.send('POST', '/clients/watched/secret')
    const before = await clients()
    const changed = db.transaction().execute(run)
    await t.rejects(changed, { code: 'precondition_failed' }, `${route.method} ${route.path}`)
    t.same(await clients(), before)
  }
})

t.test('of two changes in one moment the second is one too many', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const at = Date.now()
  const deps = await buildDeps({ ...contextOf(platform), clock: { now: () => at } })
  t.teardown(() => deps.close())
  const parameters = { id: 'acc-bob', client_id: 'watched' }
  const send = (route: ChangeRoute, body: unknown, ifMatch: string | undefined) =>
    changing(route).handle(deps, callWith(ifMatch, parameters, body))
  const etag = ({ headers }: AdminAnswer): string => headers?.['etag'] ?? ''

  const first = await send(setClaims, { nickname: 'Bob' }, undefined)
  t.match(etag(first), /^"/, 'who changed it knows how it stands')
  const second = await send(setClaims, { nickname: 'Bobby' }, etag(first))
  await t.rejects(send(setClaims, { nickname: 'Rob' }, etag(first)), { code: 'precondition_failed' })
  const third = await send(disable, undefined, etag(second))
  const fourth = await send(enable, undefined, etag(third))
  await send(setPassword, { password: 'a password of the first one' }, etag(fourth))
  const again = send(setPassword, { password: 'a password of the second' }, etag(fourth))
  await t.rejects(again, { code: 'precondition_failed' })
  const shown = await showAccount.handle(deps, callWith(undefined, parameters, undefined))
  t.equal(etag(await send(setRoles, { roles: ['support'] }, etag(shown))).length, etag(shown).length)

  const made = await send(
    createClient,
    { client_id: 'watched', grant_types: ['client_credentials'] },
    undefined,
  )
  await send(rotateSecret, undefined, etag(made))
  await t.rejects(send(rotateSecret, undefined, etag(made)), { code: 'precondition_failed' })
})
