import { constants } from 'node:crypto'
import type { ServerOptions } from 'node:https'
import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import type { buildConnector } from 'undici'
import { spiffeIdIn } from './identity.ts'
import type { WorkloadMaterial } from './material.ts'
import { revocationListsIn } from './pem.ts'

/**
 * TLS options of a server for workloads: TLS 1.3, clients of our own CA only.
 * @param o.clientCertificate `require` ends the connection of a client without a valid one; `request` lets it in,
 * and each endpoint asks `peerSpiffeId` itself, which knows only verified ones.
 */
export function mtlsServerOptions(
  m: WorkloadMaterial,
  o: { readonly clientCertificate: 'require' | 'request' },
): ServerOptions {
  return {
    cert: m.cert,
    key: m.key,
    ca: m.ca,
    ...revocations(m),
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: o.clientCertificate === 'require',
    // A resumed session would carry on with a certificate that has run out since. Workloads keep their connections
    // open, so a full handshake for each costs nothing.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
}

/**
 * TLS options for undici, which connect to one workload and to nothing else, at whatever address it answers.
 * @param expected the server's SPIFFE ID. Its DNS names do not count.
 */
export function mtlsConnect(
  m: WorkloadMaterial,
  expected: string,
): buildConnector.BuildOptions & ConnectionOptions {
  return {
    cert: m.cert,
    key: m.key,
    ca: m.ca,
    ...revocations(m),
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
      identityFault(certificate, expected),
    // Node does not call checkServerIdentity on a resumed session.
    maxCachedSessions: 0,
  }
}

function revocations({ crl }: WorkloadMaterial): { readonly crl?: string[] } {
  // OpenSSL reads only the first list of a text.
  return crl === undefined ? {} : { crl: [...revocationListsIn(crl)] }
}

function identityFault(certificate: PeerCertificate, expected: string): Error | undefined {
  const found = spiffeIdIn(certificate.subjectaltname ?? '')
  if (found === expected) return undefined
  const fault = new Error(`expected ${expected} at the other end, found ${found ?? 'no SPIFFE ID'}`)
  return Object.assign(fault, { code: 'WRONG_IDENTITY' })
}
