import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { KeyRing } from '@gatehouse/kit/keys/ring'
import type { PeerOf } from './peer.ts'

/** How long those who do not wait may keep the keys. */
const maxAgeSeconds = 60
const longestWaitSeconds = 25
/** Requests of one workload that are held at a time; more are answered at once. */
const heldPerWorkload = 64
const seconds = /^[1-9]\d?$/

export interface InternalJwksDeps {
  readonly ring: KeyRing
  readonly peerOf: PeerOf
}

/**
 * The public keys of internal tokens, for everyone. A workload that has them already (`If-None-Match`) can wait for a
 * change (`?wait=20`, in seconds): it hears within a moment that a key is no longer to be trusted.
 */
export function internalJwks(app: FastifyInstance, { ring, peerOf }: InternalJwksDeps): void {
  const waiting = new Waiting()
  const forget = ring.onChange(() => waiting.wake())
  app.addHook('preClose', (done) => {
    forget()
    waiting.end()
    done()
  })
  app.get('/.well-known/jwks.json', async (request, reply) => {
    const waitMs = waitOf(request.query)
    const peer = peerOf(request.raw)
    if (waitMs > 0 && peer !== undefined && isKnown(request, tagOf(ring))) {
      await waiting.wait({ who: peer.name, waitMs, reply })
    }
    const etag = tagOf(ring)
    void reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).header('etag', etag)
    if (isKnown(request, etag)) return reply.code(304).send()
    return reply.type('application/jwk-set+json').send(ring.jwks())
  })
}

/** A `kid` is its key's thumbprint (RFC 7638), so the same ids are the same keys. */
function tagOf(ring: KeyRing): string {
  const kids = ring.keys().map(({ kid }) => kid)
  return `"${createHash('sha256').update(kids.toSorted().join(' ')).digest('base64url').slice(0, 22)}"`
}

function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const known = headers['if-none-match'] ?? ''
  return known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

/** @throws Problem `invalid_request` */
function waitOf(query: unknown): number {
  const { wait }: { wait?: unknown } = { ...Object(query) }
  if (wait === undefined) return 0
  if (typeof wait === 'string' && seconds.test(wait)) return Math.min(Number(wait), longestWaitSeconds) * 1000
  throw new Problem('invalid_request', { detail: 'wait is a number of seconds from 1 to 99.' })
}

interface Waiter {
  readonly who: string
  readonly waitMs: number
  readonly reply: FastifyReply
}

/** Requests that are held until something changes, their time is over, or nobody listens any more. */
class Waiting {
  readonly #held = new Map<string, Set<() => void>>()
  #ended = false

  async wait({ who, waitMs, reply }: Waiter): Promise<void> {
    const held = this.#held.get(who) ?? new Set<() => void>()
    if (this.#ended || held.size >= heldPerWorkload) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held.set(who, held.add(resolve))
    const timer = setTimeout(resolve, waitMs)
    reply.raw.once('close', resolve)
    await promise
    clearTimeout(timer)
    reply.raw.off('close', resolve)
    held.delete(resolve)
    if (held.size === 0 && this.#held.get(who) === held) this.#held.delete(who)
  }

  wake(): void {
    for (const held of this.#held.values()) for (const resolve of held) resolve()
  }

  /** From now on nobody waits. */
  end(): void {
    this.#ended = true
    this.wake()
  }
}
