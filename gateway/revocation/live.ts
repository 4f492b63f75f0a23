import type { Clock } from '@gatehouse/kit/clock'
import type { Caller } from '../authn/caller.ts'
import type { Revocation, RevocationIndex } from './index.ts'

const lookEveryMs = 1_000

interface Watched {
  readonly caller: Caller
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly end: () => void
}

/**
 * What stays open on somebody's authority: WebSockets, streams. It ends with that authority: at once when it is taken
 * away, and within a second when it runs out. A session's lasts as long as the session, whose tokens are renewed.
 */
export class LiveAuthority {
  readonly #revocation: RevocationIndex
  readonly #clock: Clock
  readonly #watched = new Set<Watched>()
  readonly #unsubscribe: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(options: { readonly revocation: RevocationIndex; readonly clock: Clock }) {
    this.#revocation = options.revocation
    this.#clock = options.clock
    this.#unsubscribe = options.revocation.onRevoked((revocation) =>
      this.#endThose((it) => concerns(revocation, it.caller) && this.#isRevoked(it)),
    )
  }

  /** @returns stops watching; to be called when it ended by itself. */
  watch(caller: Caller, end: () => void): () => void {
    const watched: Watched = { caller, since: this.#clock.now(), end }
    this.#watched.add(watched)
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref()
    return () => this.#watched.delete(watched)
  }

  /** Sessions that something is open on, by key, and when the last of it was opened (milliseconds since the epoch). */
  sessions(): ReadonlyMap<string, number> {
    const open = new Map<string, number>()
    for (const { caller, since } of this.#watched) {
      const key = caller.session?.key
      if (key !== undefined) open.set(key, Math.max(since, open.get(key) ?? 0))
    }
    return open
  }

  /** A session has ended, by its key. */
  sessionEnded(key: string): void {
    this.#endThose(({ caller }) => caller.session?.key === key)
  }

  stop(): void {
    this.#unsubscribe()
    clearInterval(this.#timer)
    this.#watched.clear()
  }

  #look(): void {
    const now = this.#clock.now()
    this.#endThose((it) => now >= endOf(it.caller) || this.#isRevoked(it))
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #isRevoked({ caller }: Watched): boolean {
    return this.#revocation.isRevoked(caller.claims, caller.kid)
  }

  #endThose(isOver: (watched: Watched) => boolean): void {
    for (const watched of [...this.#watched].filter(isOver)) {
      this.#watched.delete(watched)
      watched.end()
    }
  }
}

function endOf({ session, expiresAt }: Caller): number {
  return session?.endsAt ?? expiresAt
}

/** Leaves out nearly all of what is open before the index is asked; kinds that it does not know, it lets through. */
function concerns({ by, value }: Revocation, { claims, kid }: Caller): boolean {
  if (by === 'client_id' && claims.exchanged_from?.includes(value) === true) return true
  if (by === 'jti' && claims.exchanged_jtis?.includes(value) === true) return true
  if (by === 'jti' || by === 'sid' || by === 'sub' || by === 'client_id') return claims[by] === value
  return by !== 'kid' || kid === value
}
