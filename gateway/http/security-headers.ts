/**
 * What every answer of the API carries, flat: name, value, name, value. It is data for programs, so a browser that
 * is made to show it as a page runs and embeds nothing.
 */
export function securityHeaders(origin: string): readonly string[] {
  const headers = [
    'content-security-policy',
    "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy',
    'no-referrer',
    'x-content-type-options',
    'nosniff',
  ]
  if (origin.startsWith('https:')) headers.push('strict-transport-security', 'max-age=31536000')
  return headers
}
