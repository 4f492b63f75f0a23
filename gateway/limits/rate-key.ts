import { normalizeIP } from '@fastify/rate-limit'

const ipv6Subnet = 64

/** What an authenticated caller is counted under: whose authority it uses, with whichever token or session. */
export function subjectKey(sub: string, clientId: string): string {
  return JSON.stringify(['sub', sub, clientId])
}

/** What anybody else is counted under. One subscriber has a whole IPv6 /64. */
export function addressKey(address: string): string {
  return JSON.stringify(['address', normalizeIP(address, ipv6Subnet)])
}
