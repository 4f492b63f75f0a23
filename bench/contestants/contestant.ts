import type { Job } from '../load/job.ts'
import type { Child } from '../run/child.ts'
import type { House } from '../run/house.ts'
import type { Algorithm } from '../run/issuer.ts'
import type { Stage, TlsMaterial, Upstream } from '../run/stage.ts'

/** What every contestant stands in front of. */
export interface Setting {
  readonly upstream: Upstream
  /** Whose certificates the secure upstream has. */
  readonly house: House
  /** Of the gateway as a client, where the upstream speaks mutual TLS. */
  readonly tls: TlsMaterial | undefined
  /** Connections that the load keeps open, and at most that many to the upstream. */
  readonly connections: number
}

export interface Running {
  readonly child: Child
  readonly host: string
  readonly port: number
  /** To be given to the load process where the door itself speaks TLS. */
  readonly tls?: Job['tls']
}

export interface Contestant {
  readonly name: string
  /** Compiled ahead: it needs no warm-up to reach its speed. */
  readonly native?: boolean
  /** Which tokens it checks, if any: then it must answer 401 to a token that was tampered with. */
  readonly checks: Algorithm | undefined
  /** Why it cannot run on this machine. */
  absent?(): string | undefined
  start(stage: Stage, setting: Setting): Promise<Running>
}
