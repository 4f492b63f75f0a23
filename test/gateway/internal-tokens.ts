import { randomUUID } from 'node:crypto'
import { KeyRing, type SigningKey } from '@gatehouse/kit/keys/ring'
import { MasterKey } from '@gatehouse/kit/secrets'
import { createLogger } from '@gatehouse/kit/log'
import { signInternalToken, type InternalClaims } from '@gatehouse/kit/tokens/internal'
import { openGatewayStore } from '../../gateway/store.ts'
import type { Rig } from './rig.ts'

/** What `orders` is given for a new order, taken where it arrives. */
export async function startOrder(rig: Rig): Promise<{ readonly token: string; readonly txn: string }> {
  await rig.call({ method: 'POST', path: '/api/orders', body: '{}' })
  const { headers } = rig.services.orders.only()
  return { token: headers.authorization?.slice('Bearer '.length) ?? '', txn: String(headers['x-request-id']) }
}

/** The key with which the gateway signs, read from its store. */
export async function gatewayKey({ config, paths, clock }: Rig): Promise<SigningKey> {
  const masterKey = MasterKey.fromFile(paths.masterKey)
  const log = createLogger({ name: 'test', level: 'silent' })
  const store = await openGatewayStore({ config, paths, clock, log, masterKey, production: false })
  try {
    return (await KeyRing.open({ store, ring: 'internal', masterKey, clock })).signing()
  } finally {
    await store.close()
  }
}

/** Claims as the gateway writes them, but for what is changed. */
export function internalClaims(changes: Partial<InternalClaims> = {}): InternalClaims {
  const iat = Math.floor(Date.now() / 1000)
  return {
    iss: 'urn:gatehouse:gatehouse.local:internal',
    aud: 'orders',
    sub: 'acc-alice',
    client_id: 'gateway',
    scope: 'orders:write users:read inventory:reserve',
    txn: 'txn_0123456789abcdefghijkl',
    jti: randomUUID(),
    iat,
    exp: iat + 60,
    req_wl: 'spiffe://gatehouse.local/gateway',
    rctx: { req_ip: '127.0.0.1', authn: 'session' },
    tctx: {},
    ...changes,
  }
}

/** An internal token that the gateway itself could have signed. */
export async function internalToken(rig: Rig, changes: Partial<InternalClaims> = {}): Promise<string> {
  return signInternalToken(internalClaims(changes), await gatewayKey(rig))
}
