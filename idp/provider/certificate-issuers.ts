import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { StartError } from '@gatehouse/kit/errors'

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** @throws StartError when the file cannot be read or holds no certificate */
export function readIssuers(file: string | undefined, key = 'idp.mtls.ca'): readonly X509Certificate[] {
  if (file === undefined) return []
  try {
    const found = readFileSync(file, 'utf8').match(certificate) ?? []
    if (found.length > 0) return found.map((pem) => new X509Certificate(pem))
  } catch (cause) {
    throw new StartError(`${key}: ${file} cannot be read`, {
      hint: 'name a file with certificates in PEM',
      cause,
    })
  }
  throw new StartError(`${key}: there is no certificate in ${file}`, {
    hint: 'name a file with certificates in PEM',
  })
}
