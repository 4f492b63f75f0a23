import type { IncomingMessage } from 'node:http'
import { clientCertificate, type CertificateSource } from '@gatehouse/kit/http/client-certificate'
import { certificateHeader } from '../provider/mutual-tls.ts'

/**
 * Leaves the certificate that a client proved to have where the provider finds it. What a caller sends under that name, or
 * under the proxy's, is dropped.
 * @throws Problem `invalid_request` when a trusted proxy sends something else
 */
export function takeCertificate(source: CertificateSource): (request: IncomingMessage) => void {
  const certificateOf = clientCertificate(source)
  return (request) => {
    const { headers } = request
    delete headers[certificateHeader]
    const certificate = certificateOf(request)
    if (source.header !== undefined) delete headers[source.header]
    if (certificate !== undefined) headers[certificateHeader] = certificate.raw.toString('base64url')
  }
}
