/** Headers of everything that the IdP answers. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/**
 * Headers of a page. Chromium holds `form-action` against every redirect that follows a form, so a page whose form
 * leads back to a client names that client's origin beside our own.
 * @param destination the redirect URI behind the page's forms, if they leave this site
 */
export function pageHeaders(destination?: string): Readonly<Record<string, string>> {
  const formAction = ["'self'", ...formTargets(destination)].join(' ')
  return {
    ...commonHeaders,
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}

function formTargets(destination: string | undefined): readonly string[] {
  if (destination === undefined || !URL.canParse(destination)) return []
  const url = new URL(destination)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return [url.protocol]
  // CSP's host-source has no form for IPv6 addresses (CSP level 3, section 2.3.1).
  return [url.hostname.startsWith('[') ? url.protocol : url.origin]
}
