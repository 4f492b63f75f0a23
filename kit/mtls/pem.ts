import { X509Certificate } from 'node:crypto'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The certificates of a PEM text, in their order: a chain or a trust bundle. `X509Certificate` alone reads the first.
 * @throws Error when one of them cannot be read.
 */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(block) ?? []).map((text) => new X509Certificate(text))
}

const list = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g

/** The lists of revoked certificates of a PEM text. */
export function revocationListsIn(pem: string): readonly string[] {
  return pem.match(list) ?? []
}
