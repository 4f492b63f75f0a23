import { hash, type X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Problem } from '@gatehouse/kit/errors'
import type { ClientCertificate } from '@gatehouse/kit/http/client-certificate'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { invalidToken } from '../http/challenge.ts'
import type { PresentedToken } from './authorization-header.ts'
import type { DpopCheck } from './dpop.ts'

/**
 * Checks that a token is sent by whom it was bound to. A bound token never passes as a plain one, and a plain one
 * never as a bound one (RFC 9449 section 7.2).
 */
export class HolderCheck {
  readonly #dpop: DpopCheck
  readonly #certificateOf: ClientCertificate

  constructor(dpop: DpopCheck, certificateOf: ClientCertificate) {
    this.#dpop = dpop
    this.#certificateOf = certificateOf
  }

  /**
   * @returns the objection, if there is one; at once for tokens that are not bound
   * @throws Problem `invalid_request` when the certificate from a proxy cannot be read
   */
  objection(
    request: IncomingMessage,
    { scheme, token }: PresentedToken,
    { cnf }: AccessClaims,
  ): Problem | undefined | Promise<Problem | undefined> {
    const jkt = cnf?.jkt
    if ((scheme === 'dpop') !== (jkt !== undefined)) {
      return invalidToken(new TokenRejected('bad_claims', 'cnf'), scheme)
    }
    const thumbprint = cnf?.['x5t#S256']
    if (thumbprint !== undefined && thumbprint !== thumbprintOf(this.#certificateOf(request))) {
      return invalidToken(new TokenRejected('bad_claims', 'x5t#S256'), scheme)
    }
    return jkt === undefined ? undefined : this.#dpop.objection(request, token, jkt)
  }
}

/** RFC 8705 section 3.1. */
function thumbprintOf(certificate: X509Certificate | undefined): string | undefined {
  return certificate === undefined ? undefined : hash('sha256', certificate.raw, 'base64url')
}
