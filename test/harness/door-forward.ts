import { randomUUID } from 'node:crypto'
import { systemClock, type Clock } from '@gatehouse/kit/clock'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { signInternalToken, verifyInternalToken, type InternalClaims } from '@gatehouse/kit/tokens/internal'
import { sendJson, type DoorHandler, type DoorRequest } from './door.ts'
import { internalClaims, type Trust } from './internal.ts'

/**
 * What the gateway's internal door does, without its checks of edges and without its resilience: exchanges the token
 * for one of the target's and forwards.
 * @param targets URLs of running services by name.
 */
export function forwardTo(
  trust: Trust,
  targets: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
): DoorHandler {
  return async (request, response) => {
    const [, to = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(request.path) ?? []
    const origin = targets[to]
    if (origin === undefined || request.from === undefined)
      return sendJson(response, 403, { code: 'forbidden' })
    const claims = nextClaims(trust, request, to, clock)
    const token = signInternalToken(claims, trust.key)
    const pool = createMtlsClient({
      material: trust.workload('gateway'),
      expected: spiffeId(trust.trustDomain, to),
      origin,
      connectTimeoutMs: 15_000,
    })
    const { method, body } = request
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'x-request-id': claims.txn }
    if (body !== '') headers['content-type'] = 'application/json'
    try {
      const answer = await pool.request({ method, path, headers, body: body === '' ? null : body })
      const type = answer.headers['content-type']
      response.writeHead(answer.statusCode, typeof type === 'string' ? { 'content-type': type } : {})
      response.end(await answer.body.text())
    } finally {
      await pool.close()
    }
  }
}

function nextClaims(trust: Trust, request: DoorRequest, to: string, clock: Clock): InternalClaims {
  const from = request.from ?? ''
  if (request.headers['gatehouse-behalf'] === 'own') return ownClaims(trust, from, to, request, clock)
  const parent = verifyInternalToken((request.headers.authorization ?? '').replace('Bearer ', ''), {
    key: (kid) => (kid === trust.key.kid ? trust.key.publicKey : undefined),
    issuer: trust.issuer,
    audience: from,
    // The gateway presented it to the service, which hands it back.
    presenter: spiffeId(trust.trustDomain, 'gateway'),
    now: clock.now(),
  })
  const asked = request.headers['gatehouse-scope']
  const wanted = typeof asked === 'string' ? asked.split(' ') : parent.scope.split(' ')
  const scope = parent.scope.split(' ').filter((one) => wanted.includes(one))
  const act = {
    sub: spiffeId(trust.trustDomain, from),
    ...(parent.act === undefined ? {} : { act: parent.act }),
  }
  return { ...parent, aud: to, scope: scope.join(' '), jti: randomUUID(), act }
}

function ownClaims(
  trust: Trust,
  from: string,
  to: string,
  request: DoorRequest,
  clock: Clock,
): InternalClaims {
  const scope = String(request.headers['gatehouse-scope'] ?? '')
  const { roles: _roles, ...claims } = internalClaims(
    { aud: to, sub: spiffeId(trust.trustDomain, from), scope },
    clock,
  )
  return { ...claims, client_id: from, rctx: { authn: 'workload' } }
}
