/** What the request line asks for, after it was made unambiguous. */
export interface CanonicalTarget {
  /** The only form in which routing, policy, logs and the upstream see the path. */
  readonly path: string
  /** `''` or `?…`, passed on as it came. */
  readonly query: string
}

/** pchar of RFC 3986 section 3.3 without `;`, which some servers cut off and others do not. */
const plainPath = /^\/[A-Za-z0-9\-._~!$&'()*+,=:@/]*$/
const dubiousSegment = /\/(?:\/|\.{1,2}(?:\/|$))/
const encodedPath = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/
const escapes = /%[0-9A-Fa-f]{2}/g
const unreserved = /^[A-Za-z0-9\-_~]$/
/** Encoded dot, slash, backslash, semicolon: separators to one reader and data to another. */
const refusedEscape = /%(?:2E|2F|5C|3B)/
const doubleEscape = /%25[0-9A-F]{2}/i
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f]/
const query = /^\?[\x21\x22\x24-\x7e]*$/

/**
 * The canonical form of a request target in origin form (RFC 9112 section 3.2.1): percent-encoded unreserved
 * characters decoded and hexadecimal digits in upper case (RFC 3986 section 6.2.2). Whatever two readers could
 * take in two ways is not repaired but refused.
 * @returns undefined when it is refused.
 */
export function canonicalTarget(target: string): CanonicalTarget | undefined {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const rest = mark === -1 ? '' : target.slice(mark)
  if (rest !== '' && !query.test(rest)) return undefined
  const canonical = plainPath.test(path) ? path : canonicalEscapes(path)
  if (canonical === undefined || dubiousSegment.test(canonical)) return undefined
  return { path: canonical, query: rest }
}

function canonicalEscapes(path: string): string | undefined {
  if (!encodedPath.test(path)) return undefined
  const canonical = path.replace(escapes, canonicalEscape)
  if (refusedEscape.test(canonical) || doubleEscape.test(canonical)) return undefined
  const text = decoded(canonical)
  return text === undefined || controls.test(text) ? undefined : canonical
}

function canonicalEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  return unreserved.test(character) ? character : escape.toUpperCase()
}

/** undefined when the encoded bytes are not UTF-8. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
