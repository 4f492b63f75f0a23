/** What can be taken out of the gateway, or changed in it: `stand` (in this folder) takes the place of `file`. */
export const features = [
  { name: 'check cache', file: 'kit/guard/token-evidence.ts', stand: 'check-cache.ts' },
  { name: 'rate limit', file: 'gateway/limits/limiter.ts', stand: 'rate-limit.ts' },
  { name: 'metrics', file: 'gateway/metrics.ts', stand: 'metrics.ts' },
  { name: 'request header list', file: 'gateway/upstream/request-headers.ts', stand: 'request-headers.ts' },
  {
    name: 'response header list',
    file: 'gateway/upstream/response-headers.ts',
    stand: 'response-headers.ts',
  },
  { name: 'timeouts', file: 'gateway/upstream/deadlines.ts', stand: 'timeouts.ts' },
  { name: 'empty revocation index', file: 'gateway/revocation/index.ts', stand: 'revocations.ts' },
] as const

export type Feature = (typeof features)[number]['name']
