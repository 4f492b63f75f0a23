import { Problem } from '@gatehouse/kit/errors'
import type { FastifyInstance } from 'fastify'
import { routes } from '../provider/routes.ts'

/** What comes back in a URL has to fit into a request's head. */
const maxBytes = 12 * 1024

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
  for (const path of [routes.authorization, routes.end_session]) {
    scope.post(path, (request, reply) => {
      const { body } = request
      if (!(body instanceof URLSearchParams)) throw new Problem('invalid_request')
      return reply.header('cache-control', 'no-store').redirect(`${path}?${body.toString()}`, 303)
    })
  }
}
