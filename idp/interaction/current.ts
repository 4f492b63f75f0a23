import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client, Interaction } from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { ProviderHost } from '../provider/host.ts'
import { text } from '../provider/show.ts'

export interface CurrentInteraction {
  readonly interaction: Interaction
  readonly client: Client
  /** `/interaction/<uid>` */
  readonly path: string
  /** Where the client wants the browser back; undefined in the device flow. */
  readonly redirectUri: string | undefined
}

/**
 * The interaction that this browser is in. It is found by its cookie, and must be the one in the URL: a link to
 * somebody else's does not open it.
 * @throws SessionNotFound, which becomes the page about an expired sign-in
 */
export async function currentInteraction(
  host: ProviderHost,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<CurrentInteraction> {
  const { provider } = host
  const interaction = await provider.interactionDetails(request.raw, reply.raw)
  const path = `/interaction/${interaction.uid}`
  const client = await provider.Client.find(text(interaction.params['client_id']) ?? '')
  const asked = request.url.split('?')[0] ?? ''
  if (client === undefined || (asked !== path && !asked.startsWith(`${path}/`))) {
    throw new errors.SessionNotFound('not the interaction of this browser')
  }
  return { interaction, client, path, redirectUri: text(interaction.params['redirect_uri']) }
}

/** Takes the browser back to the provider. 303, so that the form is not sent on (RFC 9700 section 4.12). */
export async function finish(
  host: ProviderHost,
  request: FastifyRequest,
  reply: FastifyReply,
  result: Parameters<ProviderHost['provider']['interactionResult']>[2],
): Promise<FastifyReply> {
  const next = await host.provider.interactionResult(request.raw, reply.raw, result)
  return reply.header('cache-control', 'no-store').redirect(next, 303)
}
