import { X509Certificate } from 'node:crypto'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'

type MutualTls = NonNullable<NonNullable<Configuration['features']>['mTLS']>

/** Where http/client-certificate.ts leaves the certificate: DER in base64url. What a caller sends under this name is dropped. */
export const certificateHeader = 'x-gatehouse-client-certificate'

/**
 * OAuth 2.0 Mutual-TLS (RFC 8705): clients that prove themselves by a certificate, and tokens that are bound to one.
 * @param issuers who may have issued a certificate for `tls_client_auth`; without any that method is off
 */
export function mutualTls(issuers: readonly X509Certificate[], now: () => number): MutualTls {
  return {
    enabled: true,
    certificateBoundAccessTokens: true,
    selfSignedTlsClientAuth: true,
    tlsClientAuth: issuers.length > 0,
    getCertificate,
    certificateAuthorized: (ctx) => isIssuedBy(issuers, getCertificate(ctx), now()),
    certificateSubjectMatches: (ctx, property, expected) =>
      namesOf(getCertificate(ctx), property).includes(
        property === 'tls_client_auth_subject_dn' ? canonicalDn(expected) : expected,
      ),
  }
}

function getCertificate(ctx: KoaContextWithOIDC): X509Certificate | undefined {
  const der = ctx.get(certificateHeader)
  return der === '' ? undefined : new X509Certificate(Buffer.from(der, 'base64url'))
}

function isIssuedBy(
  issuers: readonly X509Certificate[],
  certificate: X509Certificate | undefined,
  now: number,
): boolean {
  if (certificate === undefined) return false
  const isInTime = Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo)
  return (
    isInTime &&
    issuers.some((issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))
  )
}

/** What a certificate says of itself under one of the metadata of RFC 8705 section 2.1.2. */
function namesOf(certificate: X509Certificate | undefined, property: string): readonly string[] {
  if (certificate === undefined) return []
  if (property === 'tls_client_auth_subject_dn') {
    return [certificate.subject.split('\n').map(canonicalPart).toReversed().join(',')]
  }
  const kinds: Readonly<Record<string, string>> = {
    tls_client_auth_san_dns: 'DNS:',
    tls_client_auth_san_uri: 'URI:',
    tls_client_auth_san_ip: 'IP Address:',
    tls_client_auth_san_email: 'email:',
  }
  const kind = kinds[property]
  if (kind === undefined) return []
  // Node quotes a name that contains the separator, so that none can be made up of two.
  const names = certificate.subjectAltName?.split(', ') ?? []
  return names.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length))
}

/** RFC 4514 as far as it is unambiguous: attribute types in upper case, no spaces around commas. */
function canonicalDn(dn: string): string {
  return dn
    .split(/(?<!\\),/)
    .map(canonicalPart)
    .join(',')
}

function canonicalPart(part: string): string {
  const [type = '', ...value] = part.trim().split('=')
  return `${type.trim().toUpperCase()}=${value.join('=').trim()}`
}
