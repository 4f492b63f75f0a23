const maxLength = 1024

// RFC 3986 path, query and fragment: `?` and `#` at most where they divide, percent only before two hex digits.
const localReference =
  /^(?<path>\/(?:[\w\-.~!$&'()*+,;=:@/]|%[\da-f]{2})*)(?:\?(?:[\w\-.~!$&'()*+,;=:@/?]|%[\da-f]{2})*)?(?:#(?:[\w\-.~!$&'()*+,;=:@/?]|%[\da-f]{2})*)?$/i

// Slash, backslash, dot and controls may not come encoded: somebody further on could decode them.
const hidden = /%(?:2f|5c|2e|[01][\da-f]|7f)/i

/**
 * Where to go after a sign-in: a path of this site in canonical form, with its query and fragment, or nothing. Refused
 * is whatever a browser could read as another origin (`//host`, `/\host`, `https:`, tabs inside) and the sign-in's own
 * paths, to which a return would only start over.
 */
export function parseReturnTo(text: string): string | undefined {
  if (text.length > maxLength) return undefined
  const path = localReference.exec(text)?.groups?.['path']
  if (path === undefined || path.includes('//') || hidden.test(path)) return undefined
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) return undefined
  if (path === '/auth' || path.startsWith('/auth/')) return undefined
  return text
}
