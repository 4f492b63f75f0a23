import { BlockList, isIPv6 } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { conforms } from '@gatehouse/kit/conforms'
import { Problem } from '@gatehouse/kit/errors'
import type { ExplainDeps } from './explain.ts'
import { questionSchema } from './question.ts'

const bodyLimit = 64 * 1024

/**
 * `POST /explain` on the admin listener. It asks for no credential and tells the policy, so it answers this machine
 * only, wherever the listener is bound; what a browser can send from elsewhere is no JSON.
 */
export function explainEndpoint(app: FastifyInstance, deps: ExplainDeps): void {
  const here = loopback()
  app.post('/explain', { bodyLimit }, async (request) => {
    const address = request.socket.remoteAddress ?? ''
    if (!here.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) throw new Problem('forbidden')
    const { body } = request
    if (!conforms(questionSchema, body)) throw new Problem('invalid_request')
    const { explain } = await import('./explain.ts')
    return explain(deps, body)
  })
}

function loopback(): BlockList {
  const list = new BlockList()
  list.addSubnet('127.0.0.0', 8, 'ipv4')
  list.addAddress('::1', 'ipv6')
  return list
}
