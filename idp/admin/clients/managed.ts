import { cliClientId } from '@gatehouse/kit/admin/protocol'
import { Problem } from '@gatehouse/kit/errors'
import type { IdpDeps } from '../../deps.ts'

/** @throws Problem `conflict` for a client that is kept as the configuration says, by every start. */
export function requireUnmanaged({ receivers }: IdpDeps, clientId: string): void {
  if (clientId !== cliClientId && !receivers.has(clientId)) return
  throw new Problem('conflict', { detail: 'this client is kept by the server itself' })
}
