import { revocationListsIn } from './pem.ts'

const integer = 0x02
const sequence = 0x30
const times: readonly (number | undefined)[] = [0x17, 0x18]

interface Element {
  readonly tag: number
  readonly content: Buffer
}

/**
 * Serial numbers that the lists of a PEM text name (RFC 5280 section 5.1), hexadecimal as Node writes those of
 * certificates. OpenSSL has verified nothing of them here: they are used to end connections, of which a new one is
 * judged by its handshake.
 * @throws RangeError for what is no list.
 */
export function serialsIn(pem: string): ReadonlySet<string> {
  const lists = revocationListsIn(pem).map((text) => {
    const base64 = text.replaceAll(/-----[^-]+-----|\s/g, '')
    return Buffer.from(base64, 'base64')
  })
  return new Set(lists.flatMap(serialsOf))
}

/** version, signature, issuer, thisUpdate, nextUpdate, and then the revoked certificates, if there are any. */
function serialsOf(der: Buffer): readonly string[] {
  const [list] = elements(der)
  const [body] = elements(contentOf(list))
  const parts = elements(contentOf(body))
  const versionEnds = parts[0]?.tag === integer ? 1 : 0
  let next = versionEnds + 2
  while (times.includes(parts[next]?.tag)) next += 1
  const revoked = parts[next]
  if (revoked?.tag !== sequence) return []
  return elements(revoked.content).map((entry) => serial(elements(entry.content)[0]))
}

function serial(element: Element | undefined): string {
  if (element?.tag !== integer) throw new RangeError('a revoked certificate without a serial number')
  return element.content
    .toString('hex')
    .replace(/^(?:00)+(?=..)/, '')
    .toUpperCase()
}

function contentOf(element: Element | undefined): Buffer {
  if (element?.tag !== sequence) throw new RangeError('not a list of revoked certificates')
  return element.content
}

/** What stands one behind the other in DER (X.690 section 8.1). */
function elements(der: Buffer): readonly Element[] {
  const found: Element[] = []
  for (let at = 0; at < der.length;) {
    const { start, end } = contentAt(der, at)
    found.push({ tag: der[at] ?? 0, content: der.subarray(start, end) })
    at = end
  }
  return found
}

function contentAt(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = der[at + 1] ?? 0
  const more = first < 0x80 ? 0 : first - 0x80
  if (more > 4 || at + 2 + more > der.length) throw new RangeError('a length beyond the end')
  const start = at + 2 + more
  const end = start + (more === 0 ? first : der.readUIntBE(at + 2, more))
  if (end > der.length) throw new RangeError('a length beyond the end')
  return { start, end }
}
