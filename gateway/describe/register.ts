import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ServedHosts } from '../routing/host.ts'
import type { Description } from './description.ts'

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** `/openapi.json` and `/docs`: what can be asked for at this door. Public, like the door itself. */
export function registerDescription(
  scope: FastifyInstance,
  description: Description,
  hosts: ServedHosts,
): void {
  const hostOf = ({ headers: { host = '' } }: FastifyRequest): string => hosts.get(host.toLowerCase()) ?? host
  const style = readFileSync(new URL('views/docs.css', import.meta.url))
  scope.get('/openapi.json', async (request, reply) => {
    const { json } = await description.for(hostOf(request))
    return send(request, reply, 'application/json', json)
  })
  scope.get('/docs', async (request, reply) => {
    const { html } = await description.for(hostOf(request))
    reply.headers({ 'content-security-policy': policy, 'cross-origin-opener-policy': 'same-origin' })
    return send(request, reply, 'text/html; charset=utf-8', html)
  })
  scope.get('/docs/style.css', (request, reply) => send(request, reply, 'text/css; charset=utf-8', style))
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  body: string | Buffer,
): FastifyReply {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  reply.headers({
    etag,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type(type).send(Buffer.from(body))
}
