import type { IncomingMessage } from 'node:http'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Pages } from '../pages/pages.ts'
import { errorWords } from './errors.ts'
import { clientName, formSecret, show, txnHeader } from './show.ts'

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>

/**
 * Codes that came in a link (`verification_uri_complete`, RFC 8628 section 3.3.1), by request. They only fill the
 * field: the library would submit them with a script, and a link should not do what a person has to.
 */
export type PrefilledCodes = WeakMap<IncomingMessage, string>

/** The device authorization grant, RFC 8628: twenty consonants, so that codes spell nothing. */
export function deviceFlow(pages: Pages, prefilled: PrefilledCodes): DeviceFlow {
  return {
    enabled: true,
    charset: 'base-20',
    mask: '****-****',
    deviceInfo: () => ({}),
    userCodeInputSource(ctx, _form, _out, error) {
      if (error !== undefined && !isKept(ctx)) return showExpired(ctx, pages)
      const code = prefilled.get(ctx.req) ?? userCodeOf(error)
      const view = { action: ctx.oidc.urlFor('code_verification'), xsrf: formSecret(ctx), userCode: code }
      show(ctx, pages, { name: 'device', view: { ...view, fault: faultOf(error) } })
    },
    userCodeConfirmSource(ctx, _form, client, _device, userCode) {
      const view = {
        action: ctx.oidc.urlFor('code_verification'),
        xsrf: formSecret(ctx),
        clientName: client.clientName ?? client.clientId,
        userCode,
        shownCode: userCode,
      }
      show(ctx, pages, { name: 'device-confirm', view })
    },
    successSource(ctx) {
      show(ctx, pages, { name: 'device-done', view: { clientName: clientName(ctx) ?? 'The application' } })
    },
  }
}

/** Whether the session of this browser is stored: the library gives one that has none a session for the request alone. */
function isKept({ oidc: { session } }: KoaContextWithOIDC): boolean {
  return typeof session?.exp === 'number'
}

/** To fill in the form once more would lead here again: the browser brings no session that it could belong to. */
function showExpired(ctx: KoaContextWithOIDC, pages: Pages): void {
  const { session } = ctx.oidc
  // The library has put the secret of the form into it, and would fail to save that.
  if (session !== undefined) Reflect.set(session, 'touched', false)
  const words = ctx.status === 503 ? errorWords.unavailable : errorWords.expired
  const view = { ...words, description: undefined, code: 'expired', txn: ctx.get(txnHeader) }
  show(ctx, pages, { name: 'error', view })
}

/** By the names of the library's errors, which it does not export. One answer for wrong, used and expired. */
function faultOf(error: Error | undefined): string | undefined {
  if (error === undefined) return undefined
  if (error.name === 'AbortedError') return 'You stopped this. Nothing was connected.'
  if (error.name === 'NoCodeError') return 'Enter the code first.'
  if (['NotFoundError', 'ExpiredError', 'AlreadyUsedError'].includes(error.name)) {
    return 'This code is not valid. Look at your device: it may show a new one by now.'
  }
  return 'That did not work. Start again on your device.'
}

function userCodeOf(error: Error | undefined): string {
  return error !== undefined && 'userCode' in error && typeof error.userCode === 'string'
    ? error.userCode
    : ''
}
