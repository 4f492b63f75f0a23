import { scope, trustDomain, upstreamName } from '../run/names.ts'

export interface GatewayOptions {
  readonly issuer: string
  readonly target: string
}

/** A gateway with everything on; only the limits are out of the load's reach. */
export function gatewayConfiguration({ issuer, target }: GatewayOptions): string {
  return `trustDomain: ${trustDomain}
issuer: ${issuer}
revocation: { issuer: false }
gateway:
  limits: { rate: 1000000/s, failedAuthRate: 1000000/s }
routes:
  - id: bench
    match: { path: '/api/:size', methods: [GET] }
    authn: [bearer, session]
    authz: { scopes: ['${scope}'] }
    token: { scopes: ['${scope}'] }
    limits: { rate: 1000000/s }
    upstream: ${upstreamName}
upstreams:
  ${upstreamName}: { targets: ['${target}'], ${target.startsWith('http:') ? 'plain: true' : `identity: ${upstreamName}`} }
`
}
