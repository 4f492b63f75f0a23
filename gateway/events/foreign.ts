import { Agent, Pool } from '@gatehouse/kit/http/undici'
import type { TransmitterConfig } from '@gatehouse/kit/config/types-revocation'
import { fetchJson } from '@gatehouse/kit/http/client'
import type { PartContext } from '@gatehouse/kit/part'
import { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import { Freshness } from './freshness.ts'
import { entriesAtOnce, type ForeignEntry, type ForeignLog } from './foreign-log.ts'
import { pollAgentOptions, pollTransmitter } from './poll-client.ts'
import type { Position } from './position.ts'
import type { TakeSet } from './push.ts'
import { Receiver } from './receiver.ts'
import { verifySet, type Verified } from './verify.ts'

const waitMs = 20_000
const jwksLimits = { timeoutMs: 3000, maxBytes: 256 * 1024 }
const lookEveryMs = 250
/** Rows that another gateway wrote a little earlier than they became visible here. */
const overlapMs = 5000

export interface ForeignDeps {
  readonly ctx: PartContext
  readonly log: ForeignLog
  readonly retentionMs: number
  readonly position: (transmitter: string) => Position
  /** Puts an event in force here. @throws StoreError */
  readonly apply: (transmitter: string, effects: Verified['effects']) => Promise<void>
  /** Does the same with one that another gateway, or an earlier start, was told. */
  readonly recall: (entry: ForeignEntry) => void
}

/**
 * Transmitters that the configuration names beside the issuer. How fresh their news is does not count: they add to what
 * the issuer says, and one that is away must not stop everybody.
 */
export class ForeignTransmitters {
  readonly pushed = new Map<string, TakeSet>()
  readonly #deps: ForeignDeps
  readonly #closers: (() => Promise<void> | void)[] = []
  readonly #known = new Set<string>()
  #heardUntil: number
  #recalled: boolean
  #timer: NodeJS.Timeout | undefined

  constructor(deps: ForeignDeps) {
    this.#deps = deps
    const { transmitters } = deps.ctx.config.revocation
    this.#heardUntil = deps.ctx.clock.now() - deps.retentionMs
    this.#recalled = transmitters.length === 0
    for (const transmitter of transmitters) this.#open(transmitter)
    if (transmitters.length > 0) this.#schedule(0)
  }

  /** Whether what was said before this process began is in force. */
  get ready(): boolean {
    return this.#recalled
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    for (const close of this.#closers) await close()
  }

  #open(transmitter: TransmitterConfig): void {
    const { ctx, position } = this.#deps
    const { clock, log } = ctx
    const jwks = this.#keysOf(transmitter)
    const { issuer, audience } = transmitter
    const issuers = new Set([issuer, ctx.config.issuer])
    const verify = (set: string) =>
      verifySet({ keys: jwks, clock, issuer, audience, issuers, isOurs: false }, set)
    const take = (verified: Verified) => this.#take(transmitter.id, verified)
    if (transmitter.push) this.pushed.set(transmitter.id, async (set) => take(await verify(set)))
    if (transmitter.poll === undefined) return
    const { url, token } = transmitter.poll
    const agent = new Agent(pollAgentOptions(waitMs))
    const at = { agent, url: new URL(url), token, waitMs }
    const receiver = new Receiver({
      transmitter: transmitter.id,
      poll: (poll, signal) => pollTransmitter({ ...at, poll, signal }),
      verify,
      apply: take,
      position: position(transmitter.id),
      freshness: new Freshness({ maxStalenessMs: Infinity, transmitters: [] }),
      clock,
      log,
    })
    receiver.start()
    this.#closers.push(
      () => receiver.stop(),
      () => agent.destroy(),
    )
  }

  #keysOf({ jwks: url }: TransmitterConfig): JwksClient {
    const { origin, pathname, search } = new URL(url)
    const pool = new Pool(origin, { connections: 1, connectTimeout: jwksLimits.timeoutMs })
    const { clock, log } = this.#deps.ctx
    const jwks = new JwksClient({ fetch: () => fetchJson(pool, pathname + search, jwksLimits), clock, log })
    void jwks.start()
    this.#closers.push(
      () => jwks.stop(),
      () => pool.destroy(),
    )
    return jwks
  }

  async #take(transmitter: string, { jti, effects }: Verified): Promise<void> {
    const revocations = effects.flatMap(({ revocation }) => revocation ?? [])
    const receivedAt = this.#deps.ctx.clock.now()
    await this.#deps.log.add({ transmitter, jti, receivedAt, revocations })
    this.#known.add(JSON.stringify([transmitter, jti]))
    await this.#deps.apply(transmitter, effects)
  }

  #schedule(pauseMs: number): void {
    this.#timer = setTimeout(() => void this.#look(), pauseMs)
    this.#timer.unref()
  }

  /** What the other gateways on the same database were told. */
  async #look(): Promise<void> {
    const { log, ctx, recall, retentionMs } = this.#deps
    try {
      const now = ctx.clock.now()
      const entries = await log.since(this.#heardUntil)
      for (const entry of entries) {
        const key = JSON.stringify([entry.transmitter, entry.jti])
        if (this.#known.has(key)) continue
        this.#known.add(key)
        recall(entry)
      }
      const last = entries.at(-1)
      if (last !== undefined && entries.length === entriesAtOnce) {
        this.#heardUntil = last.receivedAt
        return this.#schedule(0)
      }
      if (this.#known.size > 10_000) this.#known.clear()
      this.#heardUntil = now - overlapMs
      this.#recalled = true
      if (Math.random() < 0.001) await log.forget(now - 2 * retentionMs)
    } catch (error) {
      ctx.log.debug({ err: error }, 'events of foreign transmitters could not be read')
    }
    this.#schedule(lookEveryMs)
  }
}
