import { Type, type Static } from '../schema.ts'
import { closed, optional, text, texts } from './schema-texts.ts'

/** `gateway.limits` */
export const gatewayLimits = Type.Object(
  {
    headers: optional('size', 'all header lines of a request', '16KiB'),
    url: optional('size', 'the request target', '8KiB'),
    body: optional('size', 'a body, on routes that say nothing', '1MiB'),
    inflated: optional(
      'size',
      'what a coded body unpacks to, on routes that take one and say nothing',
      '16MiB',
    ),
    timeout: optional('timeout', 'wait for an upstream, on routes that say nothing', '30s'),
    rate: optional('rate', 'requests of one caller, on routes that say nothing', '6000/min'),
    failedAuthRate: optional('rate', 'failed authentications from one address', '600/min'),
    store: optional('limitStore', 'where the requests of all gateways are counted together', 'memory'),
  },
  closed,
)

/** `gateway.overload` */
export const overload = Type.Object(
  {
    lag: optional(
      'timeout',
      'lag of the event loop at which routes of low priority answer 503; normal ones at 2 times, high at 4, sign-in at 8',
      '250ms',
    ),
  },
  closed,
)

/** `routes[].priority` */
export const priority = Type.Union(
  (['low', 'normal', 'high'] as const).map((name) => Type.Literal(name)),
  { description: 'who is refused first when there is too much to do', default: 'normal' },
)

/** `routes[].limits` */
export const routeLimits = Type.Object(
  {
    rate: optional('rate', 'requests of one caller', 'gateway.limits.rate'),
    policies: Type.Optional(texts('name', 'names of limitPolicies, instead of gateway.limits.rate', 1)),
    body: optional('size', 'largest body', 'gateway.limits.body'),
    inflated: optional('size', 'what a coded body unpacks to', 'gateway.limits.inflated'),
    headers: optional('size', 'all header lines', 'gateway.limits.headers'),
    url: optional('size', 'the request target', 'gateway.limits.url'),
    timeout: optional('timeout', 'wait for the upstream', 'gateway.limits.timeout'),
    firstByte: optional('timeout', 'wait for the head of its answer', 'timeouts of the upstream'),
    idle: optional('timeout', 'longest silence within its answer', 'timeouts of the upstream'),
  },
  closed,
)

const countedBy = Type.Union(
  (['subject', 'client', 'session', 'address', 'route'] as const).map((name) => Type.Literal(name)),
)

const limitPolicy = Type.Object(
  {
    rate: text('rate', 'requests of one kind, as by tells them apart'),
    burst: Type.Optional(text('rate', 'the most of them within a shorter window')),
    by: Type.Array(countedBy, { minItems: 1, description: 'what is counted together' }),
  },
  closed,
)

export const limitPolicies = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }), limitPolicy, {
  description: 'limits with names, for any number of routes',
})

export type WrittenGatewayLimits = Static<typeof gatewayLimits>
export type WrittenRouteLimits = Static<typeof routeLimits>
export type WrittenLimitPolicies = Static<typeof limitPolicies>
