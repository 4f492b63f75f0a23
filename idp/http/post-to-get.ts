import { Problem } from '@gatehouse/kit/errors'
import type { FastifyInstance } from 'fastify'
import { routes } from '../provider/routes.ts'

const maxBytes = 12 * 1024

/** What may come as a form. */
export const formPaths = [routes.authorization, routes.end_session] as const

/** How long the target of a request may be here: what came as a form comes back in it. */
export const maxTargetBytes = maxBytes + 64

/**
 * Authorization and logout requests that come as a form (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout
 * section 2) become the same request by GET. The browser sends its cookies with that one: with another site's POST it would
 * not, as they are SameSite=Lax. Duplicates stay duplicates. To be registered in a scope of its own.
 */
export function postToGet(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: maxBytes },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  )
  for (const path of formPaths) {
    scope.post(path, (request, reply) => {
      const { body } = request
      if (!(body instanceof URLSearchParams)) throw new Problem('invalid_request')
      const target = `${path}?${body.toString()}`
      // What the form had as one character may be three by now.
      if (target.length > maxTargetBytes) throw new Problem('body_too_large')
      return reply.header('cache-control', 'no-store').redirect(target, 303)
    })
  }
}
