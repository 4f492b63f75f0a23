import { forms } from '@gatehouse/kit/config/forms'
import { Problem } from '@gatehouse/kit/errors'
import { Type } from '@gatehouse/kit/schema'
import { personalClaims } from '../../accounts/personal-claims.ts'
import { maxPasswordLength } from '../../accounts/passwords.ts'

const closed = { additionalProperties: false }
const name = Type.String({ minLength: 1, maxLength: 200 })
const email = Type.String({ minLength: 3, maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+$' })
const password = Type.String({ minLength: 12, maxLength: maxPasswordLength })

const rolesList = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 })
export const newAccountBody = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64 }),
    name: Type.Optional(name),
    email: Type.Optional(email),
    roles: Type.Optional(rolesList),
    password: Type.Optional(password),
    claims: Type.Optional(personalClaims),
  },
  closed,
)
export const passwordBody = Type.Object({ password: Type.Optional(password) }, closed)
export const rolesBody = Type.Object({ roles: rolesList }, closed)

/** Each once, in one order. @throws Problem `validation_failed` */
export function checkedRoles(roles: readonly string[]): readonly string[] {
  const faults = roles.flatMap((role, index) =>
    forms.role.accepts(role) ? [] : [{ path: `/roles/${index}`, message: `must be ${forms.role.expected}` }],
  )
  if (faults.length > 0) throw new Problem('validation_failed', { faults })
  return [...new Set(roles)].toSorted()
}
