import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Grant, Interaction } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { allowOnRecord } from '../consents/on-record.ts'
import type { IdpDeps } from '../deps.ts'
import { detailWords } from '../details/words.ts'
import { sendPage } from '../http/pages.ts'
import { claimWords, scopeWords } from '../pages/scope-words.ts'
import { splitScope } from '../provider/scopes.ts'
import { text } from '../provider/show.ts'
import { hostOf, logoPath, shownClient } from './client.ts'
import { currentInteraction, finish, type CurrentInteraction } from './current.ts'

export async function showConsent(
  deps: IdpDeps,
  current: CurrentInteraction,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { interaction, path, redirectUri } = current
  const account = await deps.accounts.find(accountIdOf(interaction))
  if (account === undefined) throw new errors.SessionNotFound('the account is gone')
  // All that is asked for, not only what is new: people decide about the whole.
  const scopes = splitScope(text(interaction.params['scope']) ?? '')
  const shown = await shownClient(deps, current)
  const view = {
    path,
    client: shown,
    logo: logoPath(shown, path),
    accountName: account.name,
    scopes: [
      ...scopes.map((name) => ({ name, words: scopeWords(name) })),
      ...askedClaims(interaction).map((name) => ({ name, words: claimWords(name) })),
    ],
    details: detailWords(deps.detailTypes, interaction.params['authorization_details']),
    destination: hostOf(redirectUri) ?? 'your device',
  }
  return sendPage(reply, deps.pages, { name: 'consent', view, destination: redirectUri })
}

/** POST /interaction/:uid/consent */
export async function submitConsent(
  deps: IdpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { interaction, client } = await currentInteraction(deps.host, request, reply)
  if (interaction.prompt.name !== 'consent') throw new errors.SessionNotFound('nothing to consent to')
  const accountId = accountIdOf(interaction)
  const grant = await grantFor(deps, interaction, accountId, client.clientId)
  addMissing(grant, interaction)
  const { clientId } = client
  const grantId = await allowOnRecord(
    deps,
    { accountId, clientId, grant },
    {
      action: 'consent.granted',
      txn: request.id,
      details: {
        client_id: clientId,
        scope: text(interaction.params['scope']),
        authorization_details: text(interaction.params['authorization_details']),
      },
    },
  )
  return finish(deps.host, request, reply, { consent: { grantId } })
}

async function grantFor(
  deps: IdpDeps,
  interaction: Interaction,
  accountId: string,
  clientId: string,
): Promise<Grant> {
  const { Grant: GrantModel } = deps.host.provider
  const known = interaction.grantId === undefined ? undefined : await GrantModel.find(interaction.grantId)
  return known ?? new GrantModel({ accountId, clientId })
}

/** The prompt says what the grant lacks; how, see the library's consent prompt. */
function addMissing(grant: Grant, interaction: Interaction): void {
  const { missingOIDCScope, missingResourceScopes } = interaction.prompt.details
  const asked = askedClaims(interaction)
  if (asked.length > 0) grant.addOIDCClaims([...asked])
  const openId = strings(missingOIDCScope)
  if (openId.length > 0) grant.addOIDCScope(openId.join(' '))
  if (typeof missingResourceScopes !== 'object' || missingResourceScopes === null) return
  for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
    grant.addResourceScope(resource, strings(scopes).join(' '))
  }
}

/** Claims that are asked for one by one (OpenID Connect Core section 5.5), beyond those of the scopes. */
function askedClaims(interaction: Interaction): readonly string[] {
  return strings(interaction.prompt.details['missingOIDCClaims'])
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : []
}

function accountIdOf(interaction: Interaction): string {
  if (interaction.session === undefined) throw new errors.SessionNotFound('nobody is signed in')
  return interaction.session.accountId
}
