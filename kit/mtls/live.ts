import { statSync } from 'node:fs'
import tls from 'node:tls'
import type { Logger } from '../log.ts'
import { OpenConnections } from './open-connections.ts'
import { serialsIn } from './revoked.ts'
import { readWorkload, type WorkloadFiles, type WorkloadMaterial } from './material.ts'
import { mtlsServerOptions } from './tls.ts'

const defaultEveryMs = 1_000

export interface LiveWorkloadOptions {
  readonly files: WorkloadFiles
  readonly name: string
  /** Default: the one that the certificate names. */
  readonly trustDomain?: string | undefined
  readonly log: Logger
  /** How often the files are looked at, in milliseconds. Default 1,000. */
  readonly everyMs?: number
}

/**
 * A workload's certificate, key and trust bundle as the files are now. What renews them writes; here they are looked
 * at by their times and sizes, because a watcher misses the swapped symbolic links of Kubernetes. Files that do not
 * fit together (a writer between two of them) change nothing: the old ones stay until they do. Connections whose other
 * end has been revoked meanwhile are ended.
 */
export class LiveWorkload {
  readonly #options: LiveWorkloadOptions
  readonly #listeners = new Set<(material: WorkloadMaterial) => void>()
  readonly #timer: NodeJS.Timeout
  readonly #open = new OpenConnections()
  #material: WorkloadMaterial
  /** How the files looked that are in use, and those that could not be. */
  #seen: string
  #refused: string | undefined

  /** @throws StartError when they cannot be used at the start. */
  constructor(options: LiveWorkloadOptions) {
    this.#options = options
    this.#seen = stamp(options.files)
    this.#material = readWorkload(options.files, options)
    this.#timer = setInterval(() => this.reload(), options.everyMs ?? defaultEveryMs).unref()
  }

  get material(): WorkloadMaterial {
    return this.#material
  }

  /** Looks at the files now. Whether something changed. */
  reload(): boolean {
    const { files, log } = this.#options
    const seen = stamp(files)
    if (seen === this.#seen) return false
    try {
      const trustDomain = this.#material.trustDomain
      this.#material = readWorkload(files, { ...this.#options, trustDomain })
    } catch (error) {
      // Tried at each look, since their times do not tell when they may be read; told once.
      if (seen !== this.#refused)
        log.warn({ err: error }, 'changed certificate files cannot be used; going on with the old ones')
      this.#refused = seen
      return false
    }
    this.#seen = seen
    log.info({ spiffe_id: this.#material.spiffeId }, 'certificate files changed: using the new ones')
    for (const listener of this.#listeners) listener(this.#material)
    this.#endRevoked()
    return true
  }

  #endRevoked(): void {
    const ended = this.#open.end(serialsIn(this.#material.crl ?? ''))
    if (ended > 0) this.#options.log.warn({ ended }, 'connections of revoked certificates were ended')
  }

  /** A connection to another workload: ended as soon as that one's certificate is revoked. */
  watch(socket: unknown): void {
    this.#open.add(socket)
  }

  /** New connections to a server use what changed; those that are open stay open, but for revoked ones. */
  serve(server: object): void {
    if (!(server instanceof tls.Server)) throw new TypeError('only a TLS server has a certificate')
    server.on('secureConnection', (socket) => this.watch(socket))
    this.#listeners.add((material) =>
      server.setSecureContext(mtlsServerOptions(material, { clientCertificate: 'require' })),
    )
  }

  onChange(listener: (material: WorkloadMaterial) => void): void {
    this.#listeners.add(listener)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#listeners.clear()
  }
}

function stamp(files: WorkloadFiles): string {
  return JSON.stringify([files.cert, files.key, files.ca, files.crl].map(lookOf))
}

function lookOf(file: string | undefined): readonly number[] | string | undefined {
  if (file === undefined) return undefined
  try {
    const stats = statSync(file, { throwIfNoEntry: false })
    return stats && [stats.mtimeMs, stats.size, stats.ino]
  } catch {
    // A folder that may not be read, a link to itself: reading the file says so, where it can be said.
    return 'unknown'
  }
}
