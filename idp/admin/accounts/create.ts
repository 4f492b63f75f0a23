import { randomBytes } from 'node:crypto'
import { created } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { isUniqueViolation } from '@gatehouse/kit/store/open'
import { randomPassword } from '../../accounts/passwords.ts'
import { foldUsername } from '../../accounts/username.ts'
import { etagOf } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { checkedRoles, newAccountBody } from './bodies.ts'
import { accountRow, accountView } from './view.ts'

export const createAccount: ChangeRoute = {
  method: 'POST',
  path: '/accounts',
  scope: 'admin:write',
  summary: 'Makes an account; a password that was not given is made, and shown this once',
  body: newAccountBody,
  async prepare(deps, call) {
    const given = call.body(newAccountBody)
    const username = foldUsername(given.username)
    if (username === undefined) throw unusable()
    const password = given.password ?? randomPassword()
    const id = `acc-${randomBytes(12).toString('base64url')}`
    const account = {
      id,
      username,
      name: given.name ?? given.username,
      email: given.email,
      roles: checkedRoles(given.roles ?? []),
      claims: given.claims,
      passwordHash: await deps.passwords.hash(password),
    }
    return {
      async run(trx) {
        await unlessTaken(() => deps.accounts.create(account, trx))
        return { action: 'account.created', subject: id, details: { roles: account.roles } }
      },
      async answer() {
        const row = await accountRow(deps, id)
        const view = accountView(row)
        const shown = given.password === undefined ? { ...view, password } : view
        return created(`/accounts/${id}`, shown, { etag: etagOf(row) })
      },
    }
  },
}

async function unlessTaken(create: () => Promise<void>): Promise<void> {
  try {
    await create()
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause
    throw new Problem('conflict', { detail: 'there is an account of this user name' })
  }
}

function unusable(): Problem {
  const message = 'must be letters, digits and . _ @ + -, beginning with a letter or digit'
  return new Problem('validation_failed', { faults: [{ path: '/username', message }] })
}
