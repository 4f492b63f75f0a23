import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { http } from '@gatehouse/kit/http/node-http'
import { problemFrom } from '@gatehouse/kit/http/problem-from'

/** What stands behind a listener and answers on the raw response. */
export interface Door {
  /** Takes a request over from Fastify and sees to its answer. */
  enter(fastifyRequest: FastifyRequest, reply: FastifyReply): void
  /** Answers a request that came no further than the server, and tells of it like of any other. */
  turnAway(fastifyRequest: FastifyRequest, reply: FastifyReply, problem: Problem): void
}

/**
 * Gives a door everything in this scope that is no route of its own, whatever the method: it takes requests over before
 * Fastify looks at their bodies, which are streamed and never parsed here.
 */
export function takeOver(scope: FastifyInstance, door: Door): void {
  for (const method of http.METHODS) {
    if (method !== 'CONNECT' && !scope.supportedMethods.includes(method)) scope.addHttpMethod(method)
  }
  scope.setErrorHandler((error, request, reply) => door.turnAway(request, reply, problemFrom(error)))
  scope.addHook('onRequest', (request, reply) => {
    // HTTP/0.9 has neither headers nor an end; the parser lets it pass.
    if (request.raw.httpVersionMajor >= 1) door.enter(request, reply)
    else door.turnAway(request, reply, new Problem('invalid_request'))
  })
  scope.all('/*', () => {
    throw new TypeError('the door takes over every request of this route')
  })
}
