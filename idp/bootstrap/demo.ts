import type { PartContext } from '@gatehouse/kit/lifecycle'
import { hashPassword, randomPassword } from '../accounts/passwords.ts'
import { clientSecretMac, newClientSecret } from '../clients/secrets.ts'
import type { ClientRecord } from '../clients/metadata.ts'
import type { IdpDeps } from '../deps.ts'
import { demoClaims } from './demo-claims.ts'
import { writeCredentials } from './credentials.ts'
import { readPublicJwk } from './jwk-file.ts'

/** Fixed ids, so that the services can have data for them. */
export const people = [
  { id: 'acc-alice', username: 'alice', name: 'Alice Archer', roles: ['customer'] },
  { id: 'acc-bob', username: 'bob', name: 'Bob Bowman', roles: ['customer'] },
  { id: 'acc-carol', username: 'carol', name: 'Carol Carter', roles: ['support'] },
  { id: 'acc-admin', username: 'admin', name: 'Ada Admin', roles: ['admin'] },
] as const

export const demoClients = ['demo-machine', 'demo-machine-jwt', 'demo-native'] as const

const apiScope = 'users:read orders:read orders:write inventory:read'
const machineScope = `${apiScope} inventory:write`

/**
 * Makes the demo's people and clients with random passwords and secrets. The file with them is written before the
 * database commits: if this process dies in between, the next start finds nothing in the database and begins anew.
 */
export async function makeDemo(ctx: PartContext, deps: IdpDeps): Promise<void> {
  const users = await Promise.all(
    people.map(async (person) => {
      const password = randomPassword()
      return { person, password, passwordHash: await hashPassword(password) }
    }),
  )
  const secret = newClientSecret()
  const machineJwt = machineJwtClient(await readPublicJwk(ctx.paths.demoMachineKey))
  await writeCredentials(ctx.paths.credentials, {
    users: users.map(({ person, password }) => ({
      username: person.username,
      password,
      roles: person.roles,
    })),
    clients: [{ client_id: machineClient.client_id, client_secret: secret }],
  })
  await deps.store.db.transaction().execute(async (trx) => {
    for (const { person, passwordHash } of users) {
      const email = `${person.username}@example.test`
      const claims = demoClaims(person.username, person.name)
      await deps.accounts.create({ ...person, email, claims, passwordHash }, trx)
    }
    const mac = clientSecretMac(ctx.masterKey, machineClient.client_id, secret)
    await deps.clients.put(machineClient, mac, trx)
    await deps.clients.put(machineJwt, undefined, trx)
    await deps.clients.put(nativeClient, undefined, trx)
  })
}

const machineClient: ClientRecord = {
  client_id: 'demo-machine',
  client_name: 'Demo machine',
  application_type: 'web',
  token_endpoint_auth_method: 'client_secret_basic',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  post_logout_redirect_uris: [],
  scope: machineScope,
}

function machineJwtClient(key: Awaited<ReturnType<typeof readPublicJwk>>): ClientRecord {
  return {
    ...machineClient,
    client_id: 'demo-machine-jwt',
    client_name: 'Demo machine with a key',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [key] },
  }
}

/** RFC 8252: on a loopback address any port is right, so none is registered. */
const nativeClient: ClientRecord = {
  client_id: 'demo-native',
  client_name: 'Demo native application',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback', 'http://[::1]/callback'],
  post_logout_redirect_uris: [],
  scope: `openid profile email offline_access ${apiScope}`,
}
