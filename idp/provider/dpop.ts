import { createHash } from 'node:crypto'
import type { MasterKey } from '@gatehouse/kit/secrets'

/** Of what nonces for DPoP are made (RFC 9449 section 8): the same in every process, and known to none outside. */
export function nonceSecret(masterKey: MasterKey): Buffer {
  return createHash('sha256').update(masterKey.mac('nonce', 'idp.dpop')).digest()
}
