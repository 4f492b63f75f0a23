import formbody from '@fastify/formbody'
import { Problem } from '@gatehouse/kit/errors'
import type { Logger } from '@gatehouse/kit/log'
import { isStoreError } from '@gatehouse/kit/store/open'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors } from 'oidc-provider'
import { pageHeaders } from '../pages/headers.ts'
import type { Pages } from '../pages/pages.ts'
import type { PageViews } from '../pages/views.ts'
import { errorWords } from '../provider/errors.ts'
import { retryAfterSeconds, StoreUnavailable } from '../storage/unavailable.ts'

const maxFormBytes = 16 * 1024

interface PageDeps {
  readonly pages: Pages
  readonly log: Logger
}

/** Makes a scope read forms, and show its errors as pages. */
export async function pageScope(scope: FastifyInstance, deps: PageDeps): Promise<void> {
  await scope.register(formbody, { bodyLimit: maxFormBytes })
  showErrors(scope, deps)
}

export function showErrors(scope: FastifyInstance, deps: PageDeps): void {
  scope.setErrorHandler((error, request, reply) => sendError(deps, error, request, reply))
}

export interface Page<Name extends keyof PageViews> {
  readonly name: Name
  readonly view: PageViews[Name]
  readonly status?: number
  /** Where the page's forms lead, if away from here. */
  readonly destination?: string | undefined
}

export function sendPage<Name extends keyof PageViews>(
  reply: FastifyReply,
  pages: Pages,
  page: Page<Name>,
): FastifyReply {
  return reply
    .code(page.status ?? 200)
    .headers(pageHeaders(page.destination))
    .type('text/html; charset=utf-8')
    .send(pages.render(page.name, page.view))
}

interface Failure {
  readonly status: number
  readonly words: { readonly title: string; readonly text: string }
  readonly code: string
}

function sendError(
  deps: PageDeps,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const failure = failureOf(error)
  if (failure.status === 500) deps.log.error({ txn: request.id, err: error }, 'a page failed')
  if (failure.status === 503) reply.header('retry-after', String(retryAfterSeconds))
  if (error instanceof Problem) reply.headers(error.headers)
  const view = { ...failure.words, description: undefined, code: failure.code, txn: request.id }
  return sendPage(reply, deps.pages, { name: 'error', view, status: failure.status })
}

function failureOf(error: unknown): Failure {
  if (isStoreError(error) || error instanceof StoreUnavailable) {
    return { status: 503, words: errorWords.unavailable, code: 'store_unavailable' }
  }
  if (error instanceof errors.SessionNotFound)
    return { status: 400, words: errorWords.expired, code: 'expired' }
  if (error instanceof Problem && error.code === 'rate_limited') {
    return { status: 429, words: errorWords.tooMany, code: error.code }
  }
  if (error instanceof Problem) {
    const text = error.detail ?? errorWords.general.text
    return { status: error.status, words: { title: errorWords.general.title, text }, code: error.code }
  }
  const status = statusOf(error)
  if (status < 500) return { status, words: errorWords.general, code: 'invalid_request' }
  return { status: 500, words: errorWords.ours, code: 'internal_error' }
}

/** Fastify's own errors: a body that is too large, of another type, or cannot be read. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500
}
