import { randomBytes } from 'node:crypto'
import type { MasterKey } from '@gatehouse/kit/secrets'

const secretBytes = 32

/** Secrets are made here, never chosen, so that a fast keyed hash is enough to store them. */
export function newClientSecret(): string {
  return randomBytes(secretBytes).toString('base64url')
}

export function clientSecretMac(masterKey: MasterKey, clientId: string, secret: string): string {
  return masterKey.mac(secret, context(clientId))
}

/** Takes the same time wherever the two differ. */
export function isClientSecret(masterKey: MasterKey, clientId: string, mac: string, secret: string): boolean {
  return masterKey.verifyMac(mac, secret, context(clientId))
}

function context(clientId: string): string {
  return `idp.clients ${clientId} secret`
}
