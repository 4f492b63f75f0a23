import { isNetwork } from '../http/trusted-proxies.ts'
import { parseDuration, parseRate, parseSize, UnitError } from '../units.ts'

/** A text with a meaning: what it must look like, and the sentence for when it does not. */
export interface Form {
  readonly expected: string
  accepts(text: string): boolean
}

const maxTimerMs = 24 * 3_600_000

/**
 * The forms that texts in the configuration have. A duration of zero is refused where it would mean "never"
 * or "at once", and a timeout has a ceiling because Node fires timers beyond 24.8 days immediately.
 */
export const forms = {
  duration: unit(parseDuration, "a duration such as '5s', '1m' or '12h', above zero", (ms) => ms > 0),
  durationOrZero: unit(parseDuration, "a duration such as '10s', or '0s'", () => true),
  timeout: unit(
    parseDuration,
    "a duration such as '250ms' or '5s', up to 24h",
    (ms) => ms > 0 && ms <= maxTimerMs,
  ),
  accessLife: upTo('1h', 3_600_000),
  codeLife: upTo('10m', 600_000),
  interactionLife: upTo('24h', 86_400_000),
  longLife: upTo('366d', 366 * 86_400_000),
  tokenLife: unit(parseDuration, "a duration from '1s' to '60s'", (ms) => ms >= 1000 && ms <= 60_000),
  tokenReuse: unit(parseDuration, "a duration up to '10s'; '0s' is never", (ms) => ms <= 10_000),
  size: unit(parseSize, "a size such as '64KiB' or '1MiB'", () => true),
  rate: unit(parseRate, "a rate such as '60/min', '5/s' or '1000/h'", () => true),
  name: shape(/^[a-z][a-z0-9-]{0,62}$/, 'a name of lower-case letters, digits and hyphens'),
  routeId: shape(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "a route id such as 'orders.create'"),
  trustDomain: shape(/^[a-z0-9](?:[a-z0-9.-]{0,253}[a-z0-9])?$/, "a trust domain such as 'gatehouse.local'"),
  scope: shape(/^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/, "a scope such as 'orders:read', without spaces"),
  scopes: shape(
    /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/,
    "scopes such as 'openid orders:read', with spaces between (RFC 6749 section 3.3)",
  ),
  role: shape(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, "a role such as 'support'"),
  clientId: shape(/^[\x21-\x7E]{1,200}$/, 'a client id without spaces'),
  host: shape(
    /^(?:[a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/,
    "a lower-case host such as 'api.example.com' or 'localhost:3000'",
  ),
  address: shape(/^(?:[A-Za-z0-9][A-Za-z0-9._-]*|[0-9a-fA-F:.]+)$/, 'an address or host name to listen on'),
  network: { expected: "an address or network such as '10.0.0.0/8'", accepts: isNetwork },
  path: shape(
    /^\/$|^(?:\/(?!\.\.?(?:\/|$))(?::[A-Za-z][A-Za-z0-9_]*|[A-Za-z0-9._~-]+))+(?:\/\*)?$|^\/\*$/,
    "a path such as '/api/orders', '/api/orders/:id' or '/files/*'",
  ),
  prefix: shape(/^(?:\/[A-Za-z0-9._~-]+)+$/, "a path without parameters such as '/shop'"),
  file: shape(/^\/[^\0]+$/, "the absolute path of a file such as '/etc/gatehouse/tls.pem'"),
  document: shape(/^[^\0]+\.(?:json|ya?ml)$/, "an OpenAPI document such as 'orders.openapi.json'"),
  header: shape(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, "a header name such as 'x-request-tag'"),
  headerValue: shape(/^[\x21-\x7E](?:[\x20-\x7E]{0,998}[\x21-\x7E])?$/, "a header value such as '2'"),
  store: shape(
    /^(?:sqlite:(?::memory:|\/.+)|postgres(?:ql)?:\/\/.+)$/,
    "'sqlite:/absolute/path' or 'postgres://…'",
  ),
  sessionStore: shape(
    /^rediss?:\/\/.+$|^gateway\.store$/,
    "'redis://host:6379/0', 'rediss://…' or 'gateway.store'",
  ),
  limitStore: shape(/^rediss?:\/\/.+$|^memory$/, "'redis://host:6379/0', 'rediss://…' or 'memory'"),
  secret: shape(/^[\x21-\x7E]{16,4096}$/, 'at least 16 characters without spaces'),
  acr: shape(/^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/, "an authentication context such as 'aal2'"),
  detailType: shape(/^[A-Za-z][A-Za-z0-9._:/-]{0,199}$/, "a type such as 'stock_reservation'"),
  words: shape(/^[^\p{C}]{1,200}$/u, 'up to 200 characters in one line'),
  hostPattern: shape(
    /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?$/,
    "a lower-case host such as 'agent.example.com', or '*.example.com' for all below one",
  ),
  uri: shape(/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7E]+$/, "an absolute URI such as 'urn:gatehouse:api'"),
  resource: {
    expected: "an absolute URI without a fragment such as 'urn:gatehouse:api'",
    accepts: isResource,
  },
  httpUrl: shape(
    /^https?:\/\/[A-Za-z0-9.[\]:-]+(?:\/[\x21\x24-\x7E]*)?$/,
    'an http or https URL without user or fragment',
  ),
  httpsUrl: shape(
    /^https:\/\/[A-Za-z0-9.[\]:-]+(?:[/?#][\x21\x23-\x7E]*)?$/,
    "an https URL such as 'https://app.example/terms'",
  ),
  introspection: shape(
    /^issuer$|^https?:\/\/[A-Za-z0-9.[\]:-]+(?:\/[\x21\x24-\x7E]*)?$/,
    "'issuer', or an http or https URL without user or fragment",
  ),
  origin: { expected: 'an http or https URL without a path', accepts: isOrigin },
} as const satisfies Record<string, Form>

export type FormName = keyof typeof forms

/** Lives have ceilings: a typing error must not make a token that outlives its owner. */
function upTo(ceiling: string, mostMs: number): Form {
  return unit(
    parseDuration,
    `a duration such as '5m', above zero, up to ${ceiling}`,
    (ms) => ms > 0 && ms <= mostMs,
  )
}

function shape(pattern: RegExp, expected: string): Form {
  return { expected, accepts: (text) => pattern.test(text) }
}

function unit<Value>(read: (text: string) => Value, expected: string, fits: (value: Value) => boolean): Form {
  const accepts = (text: string): boolean => {
    try {
      return fits(read(text))
    } catch (error) {
      if (error instanceof UnitError) return false
      throw error
    }
  }
  return { expected, accepts }
}

/** Written exactly as URLs print their origin, with or without the port that goes without saying. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false
  const port = url.protocol === 'http:' ? ':80' : ':443'
  // To a URL a star is a letter like any other; who writes one means something that there is not.
  return (
    url.username === '' && !url.host.includes('*') && (text === url.origin || text === `${url.origin}${port}`)
  )
}

/** RFC 8707 section 2: with a fragment no client could ask for a token. */
function isResource(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x22\x24-\x7E]+$/.test(text) && URL.canParse(text)
}
