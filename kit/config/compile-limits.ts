import { parseDuration, parseRate, parseSize } from '../units.ts'
import type { WrittenGatewayLimits, WrittenLimitPolicies, WrittenRouteLimits } from './schema-limits.ts'
import type { GatewayLimits, LimitPolicyConfig, RouteLimits } from './types-limits.ts'

export function compileGatewayLimits(written: WrittenGatewayLimits): GatewayLimits {
  const { store } = written
  return {
    headerBytes: parseSize(written.headers ?? '16KiB'),
    urlBytes: parseSize(written.url ?? '8KiB'),
    bodyBytes: parseSize(written.body ?? '1MiB'),
    inflatedBytes: parseSize(written.inflated ?? '16MiB'),
    timeoutMs: parseDuration(written.timeout ?? '30s'),
    rate: parseRate(written.rate ?? '6000/min'),
    failedAuthRate: parseRate(written.failedAuthRate ?? '600/min'),
    store: store === 'memory' ? undefined : store,
  }
}

export function compileRouteLimits(
  { rate, policies, body, inflated, headers, url, timeout, firstByte, idle }: WrittenRouteLimits,
  defaults: GatewayLimits,
): RouteLimits {
  return {
    rate: rate === undefined ? undefined : parseRate(rate),
    policies: policies ?? [],
    bodyBytes: body === undefined ? defaults.bodyBytes : parseSize(body),
    inflatedBytes: inflated === undefined ? defaults.inflatedBytes : parseSize(inflated),
    headerBytes: headers === undefined ? undefined : parseSize(headers),
    urlBytes: url === undefined ? undefined : parseSize(url),
    timeoutMs: timeout === undefined ? defaults.timeoutMs : parseDuration(timeout),
    firstByteMs: firstByte === undefined ? undefined : parseDuration(firstByte),
    idleMs: idle === undefined ? undefined : parseDuration(idle),
  }
}

export function compileLimitPolicies(
  written: WrittenLimitPolicies,
): Readonly<Record<string, LimitPolicyConfig>> {
  return Object.fromEntries(
    Object.entries(written).map(([name, { rate, burst, by }]) => [
      name,
      { rate: parseRate(rate), burst: burst === undefined ? undefined : parseRate(burst), by },
    ]),
  )
}
