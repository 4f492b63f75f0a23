import { Problem } from '@gatehouse/kit/errors'
import type { FastifyInstance, HTTPMethods } from 'fastify'

const known: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Refuses what an endpoint does not do, and says what it does (RFC 9110 section 15.5.6; RFC 9126 section 2.3 asks for it at the
 * endpoint for pushed requests).
 * @param served all that it does, wherever that is routed
 */
export function refuseOtherMethods(
  scope: FastifyInstance,
  url: string,
  served: readonly HTTPMethods[],
): void {
  const allow = served.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  scope.route({
    url,
    method: known.filter((method) => !served.includes(method)),
    handler: () => {
      throw new Problem('method_not_allowed', { headers: { allow } })
    },
  })
}
