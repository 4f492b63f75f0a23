import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { peerSpiffeId, workloadName } from '@gatehouse/kit/mtls/identity'

/** A workload at the other end of the connection, proven by its certificate. */
export interface Peer {
  readonly spiffeId: string
  readonly name: string
}

/** Tells who a request is from; undefined without a certificate of this trust domain. */
export type PeerOf = (request: IncomingMessage) => Peer | undefined

/** The identity is read once for each connection: a TLS 1.3 peer cannot change it later. */
export function peerReader(trustDomain: string): PeerOf {
  const peers = new WeakMap<TLSSocket, Peer>()
  return ({ socket }) => {
    if (!(socket instanceof TLSSocket)) return undefined
    const known = peers.get(socket)
    if (known !== undefined) return known
    const spiffeId = peerSpiffeId(socket)
    const name = spiffeId === undefined ? undefined : workloadName(trustDomain, spiffeId)
    if (spiffeId === undefined || name === undefined) return undefined
    const peer = { spiffeId, name }
    peers.set(socket, peer)
    return peer
  }
}
