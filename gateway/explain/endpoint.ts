import { BlockList, isIP, isIPv6 } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { conforms } from '@gatehouse/kit/conforms'
import { Problem } from '@gatehouse/kit/errors'
import type { ExplainDeps } from './explain.ts'
import { questionSchema } from './question.ts'

const bodyLimit = 64 * 1024

/**
 * `POST /explain` on the admin listener. It asks for no credential and tells the policy, so it answers this machine
 * only, wherever the listener is bound; what a browser can send from elsewhere is no JSON, and a name that somebody made to
 * lead here (DNS rebinding) is not one that this machine is asked by.
 */
export function explainEndpoint(app: FastifyInstance, deps: ExplainDeps): void {
  const here = loopback()
  const { host: own } = deps.ctx.config.gateway.admin
  app.post('/explain', { bodyLimit }, async (request) => {
    const address = request.socket.remoteAddress ?? ''
    if (!here.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) throw new Problem('forbidden')
    if (!isOwnName(request.headers.host, own)) throw new Problem('forbidden')
    const { body } = request
    if (!conforms(questionSchema, body)) throw new Problem('invalid_request')
    const { explain } = await import('./explain.ts')
    return explain(deps, body)
  })
}

/** An address can only be asked for on purpose. */
function isOwnName(host: string | undefined, own: string): boolean {
  const name = URL.parse(`http://${host ?? ''}`)?.hostname ?? ''
  return name === 'localhost' || name === own.toLowerCase() || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

function loopback(): BlockList {
  const list = new BlockList()
  list.addSubnet('127.0.0.0', 8, 'ipv4')
  list.addAddress('::1', 'ipv6')
  return list
}
