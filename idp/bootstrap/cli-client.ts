import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { adminScopes, cliClientId } from '@gatehouse/kit/admin/protocol'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import type { ClientRecord } from '../clients/metadata.ts'
import type { IdpDeps } from '../deps.ts'
import { readPublicJwk } from './jwk-file.ts'

/** Registers the command line where there is a key for it; who may read that file may administer. */
export async function registerCli(ctx: PartContext, deps: IdpDeps): Promise<void> {
  if (!existsSync(ctx.paths.cliClientKey)) return
  const record: ClientRecord = {
    client_id: cliClientId,
    client_name: 'Gatehouse command line',
    application_type: 'web',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    post_logout_redirect_uris: [],
    scope: adminScopes.join(' '),
    jwks: { keys: [await readPublicJwk(ctx.paths.cliClientKey)] },
  }
  const known = await deps.clients.find(cliClientId)
  if (!isDeepStrictEqual(known, record)) await deps.clients.put(record)
}
