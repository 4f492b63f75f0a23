import { Type, type Static } from '../schema.ts'
import { closed, count, optional, text } from './schema-texts.ts'

const off = Type.Literal('off')

const target = Type.Object(
  {
    url: text('origin', 'where it runs'),
    weight: count('its share beside the others', 1, 1000, 1),
    canary: Type.Optional(
      Type.Boolean({ description: 'chosen, or left out, by the canary header', default: false }),
    ),
  },
  closed,
)

const timeouts = Type.Object(
  {
    connect: optional('timeout', 'wait for a connection, TLS included', '1s'),
    firstByte: Type.Optional(
      text('timeout', 'wait for the head of the answer; otherwise only the route limits it'),
    ),
    idle: optional('timeout', 'longest silence within an answer', '60s'),
  },
  closed,
)

const health = Type.Object(
  {
    path: text('path', 'asked with GET; 200 to 299 is healthy'),
    interval: optional('timeout', 'between two questions to one target', '5s'),
    timeout: optional('timeout', 'wait for the answer', '1s'),
    unhealthy: count('bad answers in a row that take a target out', 1, 100, 3),
    healthy: count('good answers in a row that bring it back', 1, 100, 2),
  },
  closed,
)

const ejection = Type.Object(
  {
    failures: count('failures in a row that take a target out', 1, 1000, 5),
    for: optional('timeout', 'the first time; each further time as much longer', '10s'),
    max: count('percent of the targets that may be out', 1, 100, 50),
  },
  closed,
)

const breaker = Type.Object(
  {
    errors: count('percent of failures from which nothing is sent for a while', 1, 100, 50),
    volume: count('requests in a window before it counts', 1, 100_000, 20),
    window: optional('timeout', 'over which failures are counted', '10s'),
    open: optional('timeout', 'until one request may try again', '5s'),
  },
  closed,
)

const retries = Type.Object(
  {
    attempts: count('further attempts for one request, where repeating is safe', 0, 5, 1),
    budget: count('percent of the requests that may be repeated', 1, 100, 20),
  },
  closed,
)

const concurrency = Type.Object(
  {
    max: count('requests at one time', 1, 100_000, 256),
    queue: count('requests that may wait', 0, 100_000, 1024),
    wait: optional('timeout', 'longest wait; after it 503', '1s'),
  },
  closed,
)

export const upstream = Type.Object(
  {
    targets: Type.Array(Type.Union([Type.String({ form: 'origin' }), target]), {
      description: 'where it runs: URLs, or entries with a weight',
      minItems: 1,
    }),
    identity: Type.Optional(
      text('name', 'workload name that the targets must prove; needed unless the upstream is plain'),
    ),
    plain: Type.Optional(
      Type.Boolean({
        description: 'targets are http:// at loopback addresses, without TLS and without an identity',
        default: false,
      }),
    ),
    balance: Type.Optional(
      Type.Union([Type.Literal('round-robin'), Type.Literal('least-requests'), Type.Literal('hash')], {
        default: 'round-robin',
      }),
    ),
    hashBy: Type.Optional(
      Type.Union([Type.Literal('subject'), Type.Literal('address'), Type.Literal('path')], {
        description: 'what stays on one target, with balance: hash',
        default: 'subject',
      }),
    ),
    canaryHeader: Type.Optional(
      text('header', "request header that says 'always' or 'never' for the canary targets"),
    ),
    resolve: Type.Optional(
      text(
        'timeout',
        'every address of a name is a target, looked up this often; otherwise a name is one target',
      ),
    ),
    slowStart: optional('durationOrZero', 'a target that comes back gets its share little by little', '10s'),
    timeouts: Type.Optional(timeouts),
    health: Type.Optional(health),
    ejection: Type.Optional(Type.Union([off, ejection], { description: 'of targets that fail' })),
    breaker: Type.Optional(Type.Union([off, breaker], { description: 'for the upstream as a whole' })),
    retries: Type.Optional(retries),
    concurrency: Type.Optional(concurrency),
  },
  closed,
)

export type WrittenUpstream = Static<typeof upstream>
