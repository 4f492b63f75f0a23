import { Problem } from '@gatehouse/kit/errors'
import type { RequestContext, Stage } from '../pipeline/context.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import type { Decision, DecisionPoint } from './decision-point.ts'

/** The route's external decision. Without one the route says what happens; a refusal of that kind is a 503, no 403. */
export function externalDecision(point: DecisionPoint): Stage {
  return (context) => {
    const { external } = context.route
    if (external === undefined) return undefined
    const question = questionOf(context)
    const key = external.cacheMs === 0 ? '' : keyOf(external.url, context, question)
    return point
      .ask(external, { txn: context.txn, ...question }, key)
      .then((decision) => verdict(decision, external.onFailure))
  }
}

function verdict(decision: Decision, onFailure: 'deny' | 'allow'): Problem | undefined {
  if (decision === 'allow' || (decision === 'none' && onFailure === 'allow')) return undefined
  if (decision === 'deny') return new Problem('forbidden')
  return new Problem('upstream_unavailable', { headers: { 'retry-after': '1' } })
}

/** Never the credential itself: whoever decides needs no authority. */
function questionOf({ request, route, params, address, caller }: RequestContext): object {
  const { sub, client_id, scope, roles, sid, acr, auth_time } = caller?.claims ?? {}
  return {
    route: route.id,
    method: request.method,
    path: canonicalTarget(request.url ?? '')?.path,
    params,
    address,
    ...(caller === undefined ? {} : { caller: { sub, client_id, scope, roles, sid, acr, auth_time } }),
  }
}

/** Of one credential: a decision about one token does not speak for the next. */
function keyOf(url: string, { caller }: RequestContext, question: object): string {
  return JSON.stringify([url, caller?.claims.jti, caller?.session?.key, question])
}
