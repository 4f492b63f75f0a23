import type { KoaContextWithOIDC } from 'oidc-provider'
import { pageHeaders } from '../pages/headers.ts'
import type { Pages } from '../pages/pages.ts'
import type { PageViews } from '../pages/views.ts'

/** The header in which the transaction id reaches the provider; http/oauth.ts sets it, whatever a caller sent. */
export const txnHeader = 'x-gatehouse-txn'

/** Answers with a page from inside the provider. `destination`: where the page's forms lead, if to a client. */
export function show<Name extends keyof PageViews>(
  ctx: KoaContextWithOIDC,
  pages: Pages,
  page: { readonly name: Name; readonly view: PageViews[Name]; readonly destination?: string | undefined },
): void {
  ctx.set(pageHeaders(page.destination))
  ctx.type = 'html'
  ctx.body = pages.render(page.name, page.view)
}

/** The secret that ties a form of the library's to the session that it was shown in. */
export function formSecret(ctx: KoaContextWithOIDC): string {
  return text(ctx.oidc.session?.state?.['secret']) ?? ''
}

export function clientName(ctx: KoaContextWithOIDC): string | undefined {
  const { client } = ctx.oidc
  return client?.clientName ?? client?.clientId
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
