import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { IdleThreads } from './hashing/idle-threads.ts'
import { Turns } from '../turns.ts'

/** argon2id with 19 MiB, two passes, one lane: OWASP's first choice, 7.5 ms here. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const randomPasswordBytes = 15
/** Longer ones are cut by nobody: they are refused. */
export const maxPasswordLength = 256

/** At 10 ms a password, who comes last waits for a second or two. */
const longestQueue = 128

/** By default one core is left for everybody who is signed in already. */
const atOnce = Math.max(1, availableParallelism() - 1)

/**
 * Everything that hashes passwords while the server runs: sign-in, a person's own change of password, administration.
 * They share one queue, so that none of them takes every core and the memory that each hash needs.
 */
export class Passwords {
  readonly #turns: Turns
  readonly #threads: IdleThreads

  constructor(turns = new Turns({ atOnce, longestQueue }), threads = new IdleThreads({ most: atOnce })) {
    this.#turns = turns
    this.#threads = threads
  }

  /** Whether one more would be refused. */
  get isFull(): boolean {
    return this.#turns.isFull
  }

  /** @throws Problem `rate_limited` when too many wait already. */
  hash(password: string): Promise<string> {
    return this.#turns.take(() => hashPassword(password))
  }

  /** @throws Problem `rate_limited` when too many wait already. */
  verify(passwordHash: string, given: string): Promise<boolean> {
    const password = prepare(given)
    return this.#turns.take(
      async () => (await this.#threads.check({ passwordHash, password })) ?? verify(passwordHash, password),
    )
  }

  close(): Promise<void> {
    return this.#threads.close()
  }
}

/** Out of turn: for what happens before anybody is served. */
export function hashPassword(password: string): Promise<string> {
  return hash(prepare(password), cost)
}

/** 120 random bits in 20 characters that can be copied with a double click. */
export function randomPassword(): string {
  return randomBytes(randomPasswordBytes).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y')
}

/** The same characters typed on another keyboard give the same bytes (RFC 8265 section 4.2). */
function prepare(password: string): string {
  return password.normalize('NFC')
}
