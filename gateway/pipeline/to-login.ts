import type { IncomingMessage } from 'node:http'
import { Problem, type ProblemCode } from '@gatehouse/kit/errors'
import { stepUpParameters } from '../authz/step-up.ts'
import type { Route } from '../routing/route.ts'
import { parseReturnTo } from '../http/return-to.ts'

/** What signing in, perhaps once more, would mend. */
const mended: ReadonlySet<ProblemCode> = new Set([
  'no_session',
  'missing_credentials',
  'insufficient_user_authentication',
])

export type Redirected = { readonly location: string; readonly because: Problem }

/**
 * People without a session who open a page are sent to sign in and come back; programs are told where that is done, in
 * `login_url`, because only the page that they run in knows where to come back to. Whoever brought a token is no
 * browser.
 */
export function toLogin(
  problem: Problem,
  request: IncomingMessage,
  route: Pick<Route, 'authn' | 'acr' | 'maxAgeMs'>,
): Problem | Redirected {
  const isTheirs = route.authn.includes('session') && request.headers.authorization === undefined
  if (!isTheirs || !mended.has(problem.code)) return problem
  const asked = problem.code === 'insufficient_user_authentication' ? stepUpParameters(route) : {}
  if (isNavigation(request)) {
    const returnTo = parseReturnTo(request.url ?? '/') ?? '/'
    return { location: loginUrl({ return_to: returnTo, ...asked }), because: problem }
  }
  const { detail, headers, cause } = problem
  return new Problem(problem.code, { detail, headers, cause, members: { login_url: loginUrl(asked) } })
}

/** Somebody's browser shows the answer as a page (Fetch Metadata; older browsers say what they would like). */
function isNavigation({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || headers.upgrade !== undefined) return false
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined) return mode === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return headers['x-csrf'] === undefined && headers.accept?.includes('text/html') === true
}

function loginUrl(parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString()
  return query === '' ? '/auth/login' : `/auth/login?${query}`
}
