import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IdpDeps } from '../deps.ts'
import { initials } from '../logos/initials.ts'
import { commonHeaders } from '../pages/headers.ts'
import { shownClient } from './client.ts'
import { currentInteraction } from './current.ts'

const headers: Readonly<Record<string, string>> = {
  ...commonHeaders,
  // Opened by itself it is a document of our origin, whatever its bytes are to some browser.
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
}

/**
 * GET /interaction/:uid/logo: the logo of the client that this browser is asked about, and of no other. The page does not
 * wait for it. There is always a picture: initials where the logo cannot be had.
 */
export async function sendLogo(
  deps: IdpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { logoUrl, name } = await shownClient(deps, await currentInteraction(deps.host, request, reply))
  const logo = logoUrl === undefined ? undefined : await deps.logos.find(logoUrl)
  reply.headers(headers)
  if (logo === undefined)
    return reply.header('cache-control', 'no-store').type('image/svg+xml').send(initials(name))
  return reply.header('cache-control', 'private, max-age=300').type(logo.type).send(logo.content)
}
