import { createPrivateKey, type X509Certificate } from 'node:crypto'

/**
 * The certificate of a trust bundle that this key issues under. The first one, unless a rotation was cut off between the
 * CA's key and the bundle; without a key, the first is the one that somebody else issues under.
 * @returns undefined when the key belongs to none of them
 */
export function issuerIn(
  bundle: readonly X509Certificate[],
  keyPem: string | undefined,
): X509Certificate | undefined {
  if (keyPem === undefined) return bundle[0]
  return bundle.find((certificate) => belongsTo(certificate, keyPem))
}

export function belongsTo(certificate: X509Certificate, keyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem))
  } catch {
    // Unreadable is as good as missing.
    return false
  }
}
