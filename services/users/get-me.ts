import type { FastifyInstance } from '@gatehouse/kit'
import { Profile } from './profile.ts'
import type { Profiles } from './profiles.ts'

/** `GET /api/users/me`: the caller's own profile. Machines, and people without one, get their id alone. */
export function getMe(app: FastifyInstance, profiles: Profiles): void {
  app.get(
    '/api/users/me',
    {
      config: { guard: { scopes: ['users:read'] }, summary: 'The profile of whoever asks' },
      schema: { response: { 200: Profile } },
    },
    async (request): Promise<Profile> => {
      const id = request.caller.sub
      return (await profiles.find(id)) ?? { id, name: null, address: null }
    },
  )
}
