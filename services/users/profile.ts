import { type Static, Type } from '@gatehouse/kit'

const Address = Type.Object({
  street: Type.String(),
  postal_code: Type.String(),
  city: Type.String(),
  country: Type.String(),
})

export const Profile = Type.Object({
  id: Type.String(),
  username: Type.Optional(Type.String()),
  name: Type.Union([Type.String(), Type.Null()]),
  address: Type.Union([Address, Type.Null()]),
})
export type Profile = Static<typeof Profile>
