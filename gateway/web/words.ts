/** Names of authentication methods (RFC 8176), for people. */
const methods: ReadonlyMap<string, string> = new Map([
  ['pwd', 'password'],
  ['otp', 'one-time code'],
  ['hwk', 'security key'],
  ['swk', 'passkey'],
  ['user', 'presence'],
  ['mfa', 'more than one factor'],
])

export function methodWords(amr: readonly string[]): string {
  return amr.length === 0 ? 'unknown' : amr.map((name) => methods.get(name) ?? name).join(', ')
}

/** What a browser called itself, as short as people say it. Anybody can call themselves anything: it proves nothing. */
export function browserWords(userAgent: string | undefined): string {
  const browser = /(Edg|Firefox|Chrome|Safari)\//.exec(userAgent ?? '')?.[1]
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|CrOS|Linux)/.exec(userAgent ?? '')?.[1]
  if (browser === undefined) return 'Unknown browser'
  const name = browser === 'Edg' ? 'Edge' : browser
  return system === undefined ? name : `${name} on ${system === 'Mac OS X' ? 'macOS' : system}`
}

/** A time where no script turns it into the reader's own. @param iso empty where it is not known yet */
export function timeWords(iso: string): string {
  return iso === '' ? '' : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

/** How long, in the largest unit that fits. */
export function spanWords(ms: number): string {
  const minutes = ms / 60_000
  if (minutes < 2) return `${Math.round(ms / 1000)} s`
  return minutes < 120 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`
}
