import { done, ok } from '@gatehouse/kit/admin/route'
import { randomPassword } from '../../accounts/passwords.ts'
import { tellOfPerson } from '../../events/person.ts'
import { partsOfPerson, tellClients } from '../../sessions/end-login.ts'
import type { Part } from '../../sessions/login.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { passwordBody } from './bodies.ts'
import { accountRow, holdAccount } from './view.ts'

export const setPassword: ChangeRoute = {
  method: 'POST',
  path: '/accounts/:id/password',
  scope: 'admin:write',
  summary:
    'Sets a password, or makes one and shows it this once; every session and token of the account ends',
  body: passwordBody,
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, row)
    const { id } = row
    const given = call.body(passwordBody).password
    const password = given ?? randomPassword()
    const passwordHash = await deps.passwords.hash(password)
    let parts: readonly Part[] = []
    return {
      async run(trx) {
        await holdAccount(trx, id, call.ifMatch)
        parts = await partsOfPerson(deps.artifacts, id, trx)
        await deps.accounts.setPasswordHash(id, passwordHash, trx)
        await trx.deleteFrom('artifacts').where('account_id', '=', id).execute()
        const change = { credentialType: 'password', changeType: 'update' } as const
        await tellOfPerson(trx, deps.outbox, { type: 'credential-change', sub: id, ...change })
        return { action: 'account.password_set', subject: id }
      },
      async answer() {
        await tellClients(deps, id, parts)
        return given === undefined ? ok({ id, password }) : done
      },
    }
  },
}
