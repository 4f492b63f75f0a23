import { scope, trustDomain, upstreamName } from '../run/names.ts'

export interface GatewayOptions {
  readonly issuer: string
  readonly target: string
  /** Further entries, as YAML in braces' form: `internalTokenReuse: 0s`. */
  readonly gateway?: string
  readonly route?: string
  readonly upstream?: string
  /** Whether callers have to prove who they are. Default: yes. */
  readonly authenticates?: boolean
}

const authenticated = `authn: [bearer, session]
    authz: { scopes: ['${scope}'] }
    token: { scopes: ['${scope}'] }`

/** A gateway with everything on; only the limits are out of the load's reach. */
export function gatewayConfiguration(options: GatewayOptions): string {
  const { issuer, target, gateway = '', route = '', upstream = '', authenticates = true } = options
  const trust = target.startsWith('http:') ? 'plain: true' : `identity: ${upstreamName}`
  return `trustDomain: ${trustDomain}
issuer: ${issuer}
revocation: { issuer: false }
gateway: { limits: { rate: 1000000/s, failedAuthRate: 1000000/s }${entry(gateway)} }
routes:
  - id: bench
    match: { path: '/api/:size', methods: [GET] }
    ${authenticates ? authenticated : 'authn: none'}
    limits: { rate: 1000000/s }
    upstream: ${upstreamName}
    ${route}
upstreams:
  ${upstreamName}: { targets: ['${target}'], ${trust}${entry(upstream)} }
`
}

function entry(yaml: string): string {
  return yaml === '' ? '' : `, ${yaml}`
}
