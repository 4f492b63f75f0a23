import type { FastifyInstance } from 'fastify'
import { setType } from '@gatehouse/kit/events/set'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { setError } from './refusal.ts'

const maxSetBytes = 16 * 1024
const mediaType = `application/${setType}`

/** Takes one SET of a transmitter. @throws TokenRejected; StoreError when it could not be kept */
export type TakeSet = (set: string) => Promise<void>

/**
 * POST /events/push/<id>: SETs of transmitters that the configuration names, one a request (RFC 8935). The signature
 * is what authenticates them. 202 means that it is kept and in force; 400 says why not.
 */
export function registerPush(app: FastifyInstance, transmitters: ReadonlyMap<string, TakeSet>): void {
  if (transmitters.size === 0) return
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      mediaType,
      { parseAs: 'string', bodyLimit: maxSetBytes },
      (_request, body, done) => done(null, body),
    )
    for (const [id, take] of transmitters) {
      scope.post(`/events/push/${id}`, async (request, reply) => {
        reply.header('cache-control', 'no-store')
        try {
          await take(typeof request.body === 'string' ? request.body : '')
          return reply.code(202).send()
        } catch (error) {
          if (!(error instanceof TokenRejected)) throw error
          return reply.code(400).header('content-language', 'en').send(setError(error))
        }
      })
    }
  })
}
