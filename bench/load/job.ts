import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** What the load process is asked to do. Sent over its IPC channel, so plain data only. */
export const Job = Type.Object({
  host: Type.String(),
  port: Type.Number(),
  /** PEM texts; the server's certificate is checked against `ca`. */
  tls: Type.Optional(Type.Object({ ca: Type.String(), cert: Type.String(), key: Type.String() })),
  /** A file of prepared requests, see requests.ts. */
  requests: Type.String(),
  /** Index of the first request to send; the next ones follow, wrapping round. */
  first: Type.Number(),
  connections: Type.Number(),
  seconds: Type.Number(),
  /** Seconds of load before `seconds` begin: connections are opened, answers are checked, nothing is counted. */
  lead: Type.Optional(Type.Number()),
  /** Whose CPU time is read at the moments at which counting begins and ends. */
  watch: Type.Optional(
    Type.Object({
      /** Process ids of what is measured, and of what serves it on the load's core. */
      own: Type.Array(Type.Number()),
      servants: Type.Array(Type.Number()),
      /** The core of what is measured, and the load's; absent where nothing is pinned. */
      cores: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
    }),
  ),
  /** A closed run sends no more requests than this, for those that can be sent once. */
  most: Type.Optional(Type.Number()),
  /** Arrivals per second; without it every connection sends its next request when it has its answer. */
  rate: Type.Optional(Type.Number()),
  expect: Type.Object({
    status: Type.Number(),
    /** A file with the exact body of a right answer. */
    body: Type.Optional(Type.String()),
    /** A text that the body of a right answer contains. */
    contains: Type.Optional(Type.String()),
  }),
  /**
   * The next request of a connection carries a value of its last answer: the text between `after` and `"` replaces
   * as many bytes behind `into` in the request. Connection n starts with request n.
   */
  chain: Type.Optional(Type.Object({ after: Type.String(), into: Type.String() })),
})
export type Job = Type.Static<typeof Job>

/** CPU seconds used while counting went on. */
export const Use = Type.Object({
  own: Type.Number(),
  servants: Type.Number(),
  /** By anybody, on the core of what is measured and on the load's; absent where nothing is pinned. */
  cores: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
})
export type Use = Type.Static<typeof Use>

export const Outcome = Type.Object({
  requests: Type.Number(),
  seconds: Type.Number(),
  /** What was wrong with how many answers; empty when every answer was right. */
  faults: Type.Record(Type.String(), Type.Number()),
  /** The body of the first wrong answer, shortened, to see what went wrong. */
  firstWrong: Type.Optional(Type.String()),
  /** Microseconds; with a rate they count from the moment the request was due. */
  latency: Type.Object({
    p50: Type.Number(),
    p90: Type.Number(),
    p99: Type.Number(),
    p999: Type.Number(),
    max: Type.Number(),
  }),
  /** Microseconds, p99: how long after it was due a request was sent by a connection that was free. Ours, not theirs. */
  late: Type.Number(),
  /** Index of the request after the last one sent, not wrapped. */
  next: Type.Number(),
  /** Of the load process itself. */
  cpuSeconds: Type.Number(),
  use: Type.Optional(Use),
})
export type Outcome = Type.Static<typeof Outcome>

export function readJob(message: unknown): Job {
  return Value.Parse(Job, message)
}

export function readOutcome(message: unknown): Outcome {
  return Value.Parse(Outcome, message)
}
