import type { KoaContextWithOIDC, Configuration } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { foldUsername } from '../accounts/username.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { IdpAudit } from '../audit.ts'
import { text, txnHeader } from '../provider/show.ts'
import { orUnavailable } from '../storage/unavailable.ts'

type Ciba = NonNullable<NonNullable<Configuration['features']>['ciba']>

/** One line that people compare with what the other device shows: no control characters, no markup to be clever with. */
const bindingMessage = /^[\p{L}\p{N} .,:;+/!?#_-]{1,64}$/u

export interface CibaOptions {
  readonly accounts: Accounts
  readonly audit: IdpAudit
}

/**
 * Client-Initiated Backchannel Authentication: a client that knows whom it means asks, the person answers under /account.
 * Clients poll, or are pinged and then ask once.
 */
export function ciba(enabled: boolean, { accounts, audit }: CibaOptions): Ciba {
  return {
    enabled,
    deliveryModes: ['poll', 'ping'],
    processLoginHint: (_ctx, hint) => orUnavailable(() => accountNamed(accounts, hint ?? '')),
    processLoginHintToken() {
      throw new errors.InvalidRequest('login_hint_token is not supported')
    },
    validateBindingMessage(_ctx, message) {
      if (message !== undefined && !bindingMessage.test(message))
        throw new errors.InvalidBindingMessage('1 to 64 letters, digits, spaces and .,:;+/!?#_-')
    },
    validateRequestContext(_ctx, context) {
      if (context !== undefined) throw new errors.InvalidRequest('request_context is not supported')
    },
    verifyUserCode(_ctx, _account, userCode) {
      if (userCode !== undefined) throw new errors.InvalidUserCode('user codes are not supported')
    },
    triggerAuthenticationDevice: (ctx, _request, account, client) =>
      orUnavailable(() =>
        audit.append({
          action: 'ciba.requested',
          actor: client.clientId,
          subject: account.accountId,
          txn: ctx.get(txnHeader),
          details: { scope: text(ctx.oidc.params?.['scope']) },
        }),
      ),
  }
}

/** @throws UnknownUserId, whether there is nobody or the text is no user name */
async function accountNamed(accounts: Accounts, hint: string): Promise<string> {
  const username = foldUsername(hint)
  const account = username === undefined ? undefined : await accounts.findByUsername(username)
  if (account === undefined) throw new errors.UnknownUserId('could not identify end-user')
  return account.id
}

/** Seconds that a request waits: what the client asks for (CIBA section 7.1), up to what is configured. */
export function cibaLife(mostMs: number) {
  return (ctx: KoaContextWithOIDC | undefined): number => {
    const most = Math.max(1, Math.floor(mostMs / 1000))
    const asked = Number(ctx?.oidc.params?.['requested_expiry'] ?? most)
    return Math.min(most, asked)
  }
}
