const minMs = 60_000
const standardMs = 300_000
const maxMs = 24 * 3_600_000

/** How long a document holds, by what its answer says (RFC 9111 section 5.2.2), between a minute and a day. */
export function freshMs(headers: Headers): number {
  const directives = headers.get('cache-control') ?? ''
  if (/(?:^|,)\s*no-(?:store|cache)\b/i.test(directives)) return minMs
  const seconds = /(?:^|,)\s*max-age="?(\d{1,9})/i.exec(directives)?.[1]
  const wanted = seconds === undefined ? standardMs : Number(seconds) * 1000
  return Math.min(maxMs, Math.max(minMs, wanted))
}
