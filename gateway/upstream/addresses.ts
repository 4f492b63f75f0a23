import { lookup as systemLookup } from 'node:dns/promises'
import type { TargetConfig } from '@gatehouse/kit/config/types'

/** A target, and one of the addresses that its name has. */
export interface Address {
  readonly config: TargetConfig
  /** undefined: it has not been found yet. */
  readonly address: string | undefined
}

export type Lookup = (host: string) => Promise<readonly string[]>

export interface AddressesOptions {
  readonly targets: readonly TargetConfig[]
  readonly everyMs: number
  readonly lookup?: Lookup
  /** Every address of every name; called after each look-up, once something was found. */
  onFound(found: readonly Address[]): void
  onFailure(host: string, error: unknown): void
}

/** Looks names up again and again: each of their addresses is a target. A name that is not found stays what it was. */
export class Addresses {
  readonly #options: AddressesOptions
  readonly #lookup: Lookup
  readonly #known = new Map<TargetConfig, readonly string[]>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: AddressesOptions) {
    this.#options = options
    this.#lookup = options.lookup ?? systemAddresses
  }

  async refresh(): Promise<void> {
    await Promise.all(this.#options.targets.map((config) => this.#resolve(config)))
    if (this.#isStopped) return
    if (this.#known.size > 0) this.#options.onFound(this.#options.targets.flatMap((it) => this.#found(it)))
    this.#timer = setTimeout(() => void this.refresh(), this.#options.everyMs).unref()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #found(config: TargetConfig): readonly Address[] {
    const addresses = this.#known.get(config) ?? [undefined]
    return addresses.map((address) => ({ config, address }))
  }

  async #resolve(config: TargetConfig): Promise<void> {
    const host = new URL(config.url).hostname.replaceAll(/^\[|\]$/g, '')
    try {
      const addresses = await this.#lookup(host)
      if (addresses.length > 0) this.#known.set(config, addresses.toSorted())
    } catch (error) {
      this.#options.onFailure(host, error)
    }
  }
}

async function systemAddresses(host: string): Promise<readonly string[]> {
  const found = await systemLookup(host, { all: true })
  return [...new Set(found.map(({ address }) => address))]
}
