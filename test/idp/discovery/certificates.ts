import { X509Certificate } from 'node:crypto'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'

const life = { days: 1, now: new Date() }

/** Who issues certificates for clients. */
export const partnersCa = createCa({ trustDomain: 'partners.example', ...life })

const issued = issueWorkload({
  ca: partnersCa,
  trustDomain: 'partners.example',
  name: 'shop',
  hosts: ['shop.example'],
  ...life,
})
const certificate = new X509Certificate(issued.certPem)
const der = certificate.raw.toString('base64')

/** As a proxy hands it over (RFC 9440 section 2.2). */
export const certificateHeader = { 'client-cert': `:${der}:` }

/** Metadata of a client that has it. */
export const certifiedMetadata = {
  tls_client_auth: { tls_client_auth_san_uri: 'spiffe://partners.example/shop' },
  self_signed_tls_client_auth: {
    jwks: { keys: [{ ...certificate.publicKey.export({ format: 'jwk' }), x5c: [der] }] },
  },
} as const
