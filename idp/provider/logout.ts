import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Pages } from '../pages/pages.ts'
import { clientName, formSecret, show, text } from './show.ts'

type RpInitiatedLogout = NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>

/** OpenID Connect RP-Initiated Logout: the person is always asked, because a link alone must not sign anybody out. */
export function rpInitiatedLogout(pages: Pages): RpInitiatedLogout {
  return {
    enabled: true,
    logoutSource(ctx) {
      const view = { action: confirmUrl(ctx), xsrf: formSecret(ctx), clientName: clientName(ctx) }
      show(ctx, pages, { name: 'logout', view, destination: postLogoutUri(ctx) })
    },
    postLogoutSuccessSource(ctx) {
      const name = clientName(ctx)
      show(ctx, pages, { name: 'signed-out', view: { stayed: name !== undefined, clientName: name } })
    },
  }
}

/**
 * The library answers some requests with a form that a script submits. Two of them are pages of ours, which have no
 * scripts: logging out without being logged in needs no form at all, and switching accounts gets a button.
 */
export async function withoutScript(ctx: KoaContextWithOIDC, pages: Pages): Promise<void> {
  if (!isConfirmForm(ctx)) return
  if (ctx.oidc.route === 'end_session') return leave(ctx)
  const view = { action: confirmUrl(ctx), xsrf: formSecret(ctx) }
  show(ctx, pages, {
    name: 'continue',
    view,
    destination: text(ctx.oidc.entities.Interaction?.params['redirect_uri']),
  })
}

function isConfirmForm(ctx: KoaContextWithOIDC): boolean {
  const routes = ['end_session', 'resume', 'device_resume']
  const { body } = ctx
  return (
    routes.includes(ctx.oidc.route) &&
    typeof body === 'string' &&
    body.includes('document.forms[0].submit()') &&
    body.includes(`action="${confirmUrl(ctx)}"`)
  )
}

/** Nobody is signed in: go where the client wanted, which the library has checked by now. */
async function leave(ctx: KoaContextWithOIDC): Promise<void> {
  const { session } = ctx.oidc
  const target = new URL(postLogoutUri(ctx) ?? ctx.oidc.urlFor('end_session_success'))
  const state = text(session?.state?.['state'])
  if (state !== undefined && postLogoutUri(ctx) !== undefined) target.searchParams.set('state', state)
  await session?.destroy()
  ctx.status = 303
  ctx.redirect(target.href)
}

function postLogoutUri(ctx: KoaContextWithOIDC): string | undefined {
  return text(ctx.oidc.params?.['post_logout_redirect_uri'])
}

function confirmUrl(ctx: KoaContextWithOIDC): string {
  return ctx.oidc.urlFor('end_session_confirm')
}
