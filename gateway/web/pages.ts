import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Eta } from 'eta'
import type { FastifyReply } from 'fastify'

/** The HTML pages of the gateway. Templates escape everything that is put into them. */
export interface Pages {
  render(template: 'signed-out' | 'signed-in' | 'failure', values: object): string
}

/** The template engine is loaded with the first page. */
export function createPages(): Pages {
  let eta: Eta | undefined
  return {
    render(template, values) {
      eta ??= createEta()
      return eta.render(`./${template}`, values)
    },
  }
}

function createEta(): Eta {
  const loaded: typeof import('eta') = createRequire(import.meta.url)('eta')
  return new loaded.Eta({
    views: fileURLToPath(new URL('views', import.meta.url)),
    cache: true,
    autoEscape: true,
  })
}

/**
 * Headers of every page: it runs and shows only what this origin serves, and nobody frames it.
 * @param issuer the IdP's origin may receive the sign-out form's redirect
 */
export function pageHeaders(issuer: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `form-action 'self' ${new URL(issuer).origin}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // With no-referrer, browsers send `Origin: null` along with our own form, and it would be refused.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }
}

export function sendPage(
  reply: FastifyReply,
  status: number,
  headers: Readonly<Record<string, string>>,
  html: string,
) {
  return reply.code(status).headers(headers).type('text/html; charset=utf-8').send(html)
}
