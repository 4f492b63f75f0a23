import type { KeyRing } from '@gatehouse/kit/keys/ring'
import type { Logger } from '@gatehouse/kit/log'
import { pollPath } from '@gatehouse/kit/events/protocol'
import { signSet } from '@gatehouse/kit/events/set'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Outbox, OutboxEvent } from './outbox.ts'
import { readPollRequest, type PollRequest } from './poll-request.ts'
import { authenticateReceiver, type ReceiverDeps } from './receiver.ts'
import type { StreamName, Streams } from './streams.ts'
import type { Wake } from './wake.ts'

const longestWaitMs = 30_000
const maxBodyBytes = 128 * 1024

export interface PollDeps extends ReceiverDeps {
  readonly ring: KeyRing
  readonly outbox: Outbox
  readonly streams: Streams
  readonly wake: Wake
  readonly log: Logger
}

/** POST /events/poll: delivery of security events by long polling, RFC 8936. */
export function pollRoute(scope: FastifyInstance, deps: PollDeps): void {
  // Open polls must not hold the server up when it closes.
  scope.addHook('preClose', (done) => {
    deps.wake.stop()
    done()
  })
  scope.post(pollPath, { bodyLimit: maxBodyBytes }, (request, reply) => poll(deps, request, reply))
}

async function poll(deps: PollDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const receiver = await authenticateReceiver(deps, request.headers.authorization)
  const asked = readPollRequest(request.body, new URL(request.url, deps.issuer).searchParams)
  const name = { receiver, stream: asked.stream }
  await deps.streams.open(name, asked.since)
  for (const { jti, err } of asked.setErrs)
    deps.log.warn({ ...name, jti, error: err }, 'an event was refused')
  // What was refused will be refused again: it is as done as what was taken.
  await deps.streams.settle(name, [...asked.ack, ...asked.setErrs.map(({ jti }) => jti)])
  const { events, more } = await outstanding(deps, name, asked, waitOf(request), whileConnected(reply))
  const sets = Object.fromEntries(events.map((event) => [event.jti, setOf(deps, receiver, event)]))
  return reply.header('cache-control', 'no-store').send({ sets, ...(more ? { moreAvailable: true } : {}) })
}

/** What there is, or, unless the receiver is in a hurry, what there will be. */
async function outstanding(
  deps: PollDeps,
  name: StreamName,
  asked: PollRequest,
  waitMs: number,
  signal: AbortSignal,
): Promise<{ readonly events: readonly OutboxEvent[]; readonly more: boolean }> {
  const until = performance.now() + (asked.returnImmediately || asked.maxEvents === 0 ? 0 : waitMs)
  for (;;) {
    const last = await deps.outbox.last()
    const found = await deps.streams.outstanding(name, asked.maxEvents)
    const left = until - performance.now()
    if (found.events.length > 0 || left <= 0 || signal.aborted || deps.wake.isStopped) return found
    await deps.wake.wait(last, left, signal)
  }
}

/** How long the receiver is ready to wait (RFC 7240 section 4.3), within what we are. */
function waitOf(request: FastifyRequest): number {
  const wait = /(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/.exec(
    [request.headers['prefer'] ?? ''].flat().join(','),
  )?.[1]
  return wait === undefined ? longestWaitMs : Math.min(Number(wait) * 1000, longestWaitMs)
}

function whileConnected(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => controller.abort())
  return controller.signal
}

/** Signed when it is delivered, so that a key which is no longer published never signs. */
function setOf(deps: PollDeps, receiver: string, { jti, at, claims }: OutboxEvent): string {
  const { sub_id, events } = claims
  return signSet(
    { iss: deps.issuer, aud: receiver, jti, iat: Math.floor(at / 1000), toe: at / 1000, sub_id, events },
    deps.ring.signing(),
  )
}
