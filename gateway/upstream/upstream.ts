import type { Pool } from 'undici'
import type { UpstreamConfig } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import type { WorkloadMaterial } from '@gatehouse/kit/mtls/material'

const connectionsPerTarget = 64

/** One address of a service. `inFlight` counts requests that it has not finished. */
export interface Target {
  readonly origin: string
  readonly pool: Pool
  inFlight: number
}

/** A named service: where it is, who it must prove to be, and which of its targets is next. */
export class Upstream {
  readonly name: string
  /** Workload name of the targets, the `aud` of their internal tokens. */
  readonly identity: string
  readonly #targets: readonly Target[]
  readonly #first: Target
  readonly #balance: UpstreamConfig['balance']
  #turn = 0

  /** @throws StartError for a target that is not `https://host:port`, or for none. */
  constructor(config: UpstreamConfig, material: WorkloadMaterial) {
    this.name = config.name
    this.identity = config.identity
    this.#balance = config.balance
    this.#targets = config.targets.map(({ url: origin }) => ({
      origin: httpsOrigin(config.name, origin),
      inFlight: 0,
      pool: createMtlsClient({
        material,
        expected: spiffeId(material.trustDomain, config.identity),
        origin,
        connections: connectionsPerTarget,
        connectTimeoutMs: config.timeouts.connectMs,
      }),
    }))
    const [first] = this.#targets
    if (first === undefined) throw noTarget(config.name)
    this.#first = first
  }

  /** The target for the next request. */
  pick(): Target {
    if (this.#targets.length === 1) return this.#first
    this.#turn = (this.#turn + 1) % this.#targets.length
    const next = this.#targets[this.#turn] ?? this.#first
    return this.#balance === 'round-robin' ? next : this.#leastBusy(next)
  }

  async close(): Promise<void> {
    await Promise.all(this.#targets.map((target) => target.pool.destroy()))
  }

  /** Of equally busy ones the one whose turn it is, so that idle targets share. */
  #leastBusy(next: Target): Target {
    return this.#targets.reduce((least, target) => (target.inFlight < least.inFlight ? target : least), next)
  }
}

function httpsOrigin(name: string, origin: string): string {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url?.protocol === 'https:' && url.origin === origin.toLowerCase()) return url.origin
  throw new StartError(`upstream ${name}: the target '${origin}' is not an https:// origin`, {
    hint: 'write it as https://host:port, without a path; internal tokens travel over mutual TLS only',
  })
}

function noTarget(name: string): StartError {
  return new StartError(`upstream ${name} has no target`, { hint: 'name at least one https://host:port' })
}
