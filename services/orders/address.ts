import { type Call, type Caller, conforms, Problem, Type } from '@gatehouse/kit'
import { Address } from './order.ts'

const Profile = Type.Object({ address: Type.Union([Address, Type.Null()]) })

/** Where the caller lives, as `users` knows it; null for those who have no address, such as machines. */
export async function readAddress(call: Call, caller: Caller): Promise<Address | null> {
  const { status, body } = await call(caller, 'users', {
    method: 'GET',
    path: '/api/users/me',
    scopes: ['users:read'],
    timeoutMs: 1_500,
  })
  if (status !== 200 || !conforms(Profile, body)) throw new Problem('bad_gateway')
  return body.address
}
