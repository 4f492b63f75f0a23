import type { FastifyReply } from 'fastify'
import type { IdpDeps } from '../deps.ts'
import { detailWords } from '../details/words.ts'
import { sendPage } from '../http/pages.ts'
import { scopeWords } from '../pages/scope-words.ts'
import type { AccountView } from '../pages/views.ts'
import { splitScope } from '../provider/scopes.ts'
import type { OwnSession } from './session.ts'

export async function accountPage(
  deps: IdpDeps,
  { account, csrf }: OwnSession,
  reply: FastifyReply,
  state: { fault?: string; done?: string; status?: number },
): Promise<FastifyReply> {
  const view = {
    account: { name: account.name, username: account.username, email: account.email, roles: account.roles },
    applications: await applicationsOf(deps, account.id),
    requests: await requestsOf(deps, account.id),
    csrf,
    fault: state.fault,
    done: state.done,
  }
  return sendPage(reply, deps.pages, { name: 'account', view, status: state.status ?? 200 })
}

async function requestsOf(deps: IdpDeps, accountId: string): Promise<AccountView['requests']> {
  if (!deps.isCibaOn) return []
  const pending = await deps.cibaRequests.pendingOf(accountId)
  const names = await deps.clients.names(pending.map(({ clientId }) => clientId))
  return pending.map((one) => ({
    name: one.name,
    clientName: names.get(one.clientId) ?? one.clientId,
    bindingMessage: one.bindingMessage,
    words: splitScope(one.scope).map(scopeWords),
    details: detailWords(deps.detailTypes, one.authorizationDetails),
  }))
}

async function applicationsOf(deps: IdpDeps, accountId: string): Promise<AccountView['applications']> {
  const consents = await deps.consents.list(accountId)
  const names = await deps.clients.names(consents.map((consent) => consent.clientId))
  return consents.map((consent) => {
    const scopes = [consent.openIdScope, ...Object.values(consent.resourceScopes)].flatMap(splitScope)
    return {
      clientId: consent.clientId,
      name: names.get(consent.clientId) ?? consent.clientId,
      words: scopes.map(scopeWords),
      since: new Date(consent.grantedAt).toISOString(),
    }
  })
}
