import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Pages } from '../pages/pages.ts'
import type { ErrorView } from '../pages/views.ts'
import { show, txnHeader } from './show.ts'

type Words = Pick<ErrorView, 'title' | 'text'>

const general: Words = {
  title: 'This request cannot be completed',
  text: 'The application sent a request that is not valid. Go back to it and try again.',
}

const unavailable: Words = {
  title: 'Not available just now',
  text: 'Something that this page depends on cannot be reached. Try again in a moment.',
}

const ours: Words = {
  title: 'Something went wrong here',
  text: 'This is our fault, not yours. Try again in a moment.',
}

const tooMany: Words = {
  title: 'Too many attempts',
  text: 'Wait a few minutes and try again.',
}

const expired: Words = {
  title: 'This page has expired',
  text: 'What it belongs to was begun too long ago, or in another browser. Go back to the application and start again.',
}

/** Errors that cannot be sent back to a client, as a page: what an attacker's redirect URI gets, for one. */
export function renderError(pages: Pages): NonNullable<Configuration['renderError']> {
  return (ctx, out, error) => {
    const words = wordsFor(ctx.status, error)
    const description = words === general ? out.error_description : undefined
    const view = { ...words, description, code: out.error, txn: ctx.get(txnHeader) }
    show(ctx, pages, { name: 'error', view })
  }
}

function wordsFor(status: number, error: Error): Words {
  if (error.name === 'SessionNotFound') return expired
  if (status === 503) return unavailable
  return status >= 500 ? ours : general
}

/** What this page belongs to has ended meanwhile. */
export function showEnded(ctx: KoaContextWithOIDC, pages: Pages): void {
  ctx.status = 400
  const view = { ...expired, description: undefined, code: 'expired', txn: ctx.get(txnHeader) }
  show(ctx, pages, { name: 'error', view })
}

/** The same words for pages outside the provider. */
export const errorWords = { general, unavailable, ours, expired, tooMany }
