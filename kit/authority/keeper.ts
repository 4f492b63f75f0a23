import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Issued } from './folder.ts'

const dayMs = 86_400_000

export interface CertificateKeeperOptions {
  readonly certsDir: string
  readonly clock: Clock
  /** Milliseconds between two looks. Default one hour. */
  readonly everyMs?: number
  /** What has less than this to live is issued anew, in milliseconds. Default 30 days. */
  readonly withinMs?: number
  /** Life of what is issued. Default 365. */
  readonly days?: number
  /** How long everybody needs to see a changed file, in milliseconds, when the CA is replaced. Default 5 s. */
  readonly settleMs?: number
  /** Told what was issued anew, if anything was. */
  readonly renewed: (issued: readonly Issued[]) => void
  /** Told why it did not work; the next look tries again. */
  readonly failed: (error: unknown) => void
}

/**
 * Renews the certificates in a CA's folder ahead of their expiry, and the CA itself, for as long as it runs. Where the CA's
 * key is kept elsewhere it does nothing: then somebody else does. Whoever uses the certificates takes the new ones within a
 * second.
 */
export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> = Promise.resolve()

  constructor(options: CertificateKeeperOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.look(), options.everyMs ?? dayMs / 24).unref()
  }

  /** One look now. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#renew())
    return this.#looking
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #renew(): Promise<void> {
    const { certsDir, renewed, failed } = this.#options
    if (!existsSync(join(certsDir, 'ca.key'))) return
    try {
      const issued = await renewDue(this.#options)
      if (issued.length > 0) renewed(issued)
    } catch (error) {
      failed(error)
    }
  }
}

async function renewDue(o: CertificateKeeperOptions): Promise<readonly Issued[]> {
  const { certsDir, clock, withinMs = 30 * dayMs, days = 365, settleMs = 5000 } = o
  // Once in months: not loaded for a start.
  const { openAuthority } = await import('./folder.ts')
  const { certPem } = openAuthority(certsDir).ca
  if (new X509Certificate(certPem).validToDate.getTime() - clock.now() <= withinMs) {
    // Nothing that it issues would be valid for longer than itself.
    const { rotateAuthority } = await import('./rotate.ts')
    return rotateAuthority({ certsDir, days, settleMs, clock })
  }
  const { renewCertificates } = await import('./issue.ts')
  return renewCertificates({ certsDir, withinMs, days, clock })
}
