import type { RouteHandlerMethod } from 'fastify'
import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import type { SessionResolver } from './authenticator.ts'
import { foreignOrigin } from './csrf.ts'
import { type LoginCookies, newAttempt } from './login-attempt.ts'
import { readLoginParameters } from './login-parameters.ts'
import { singleParameter } from './query.ts'
import type { RelyingParty } from './relying-party.ts'
import { parseReturnTo } from '../http/return-to.ts'

/** GET /auth/login: starts a sign-in in this tab and sends the browser to the IdP. */
export function login(deps: {
  readonly relyingParty: RelyingParty
  readonly cookies: LoginCookies
  readonly clock: Clock
  readonly origin: string
  readonly resolve: SessionResolver
}): RouteHandlerMethod {
  const { relyingParty, cookies, clock, origin, resolve } = deps
  return async (request, reply) => {
    const { method, headers, url } = request.raw
    const foreign = foreignOrigin(method, headers, origin)
    if (foreign !== undefined) throw new Problem('csrf_rejected', { detail: foreign })
    const returnTo = wantedReturn(url)
    const parameters = readLoginParameters(url)
    const elsewhere = canonicalLogin(headers.host, origin, { return_to: returnTo, ...parameters })
    if (elsewhere !== undefined) return reply.redirect(elsewhere, 303)
    const attempt = newAttempt(returnTo, clock.now(), parameters)
    const target = await relyingParty.authorizationUrl(attempt, usernameOf(await resolve(request.raw)))
    return reply.header('set-cookie', [...cookies.add(attempt, headers.cookie)]).redirect(target.href, 303)
  }
}

/** Who signs in once more need not type their name again. */
function usernameOf(session: Awaited<ReturnType<SessionResolver>>): string | undefined {
  return session instanceof Problem ? undefined : session?.record.username
}

function wantedReturn(url: string | undefined): string {
  const given = singleParameter(url, 'return_to')
  if (given === undefined || given === '') return '/'
  const returnTo = given instanceof Problem ? undefined : parseReturnTo(given)
  if (returnTo !== undefined) return returnTo
  throw new Problem('invalid_request', {
    detail: 'return_to must be a path of this site, such as /orders',
    faults: [{ in: 'query', path: '/return_to', message: 'is not a local path' }],
  })
}

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

/** The IdP sends browsers back to the one configured origin; cookies set under another loopback name would be lost. */
function canonicalLogin(
  host: string | undefined,
  origin: string,
  query: Readonly<Record<string, string>>,
): string | undefined {
  const canonical = new URL(origin).host
  const isAlias = host !== undefined && host.toLowerCase() !== canonical && loopback.test(host.toLowerCase())
  if (!isAlias || !loopback.test(canonical)) return undefined
  return `${origin}/auth/login?${new URLSearchParams(query).toString()}`
}

export function loginPath(returnTo: string): string {
  return `/auth/login?return_to=${encodeURIComponent(returnTo)}`
}
