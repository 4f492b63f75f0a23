import { createRequire } from 'node:module'
import { isIPv6 } from 'node:net'
import type { CountedBy } from '@gatehouse/kit/config/types'
import type { Caller } from '../authn/caller.ts'
import type { Counted } from './route-limit.ts'

const ipv6Subnet = 64
const load = createRequire(import.meta.url)

/** What an authenticated caller is counted under: whose authority it uses, with whichever token or session. */
export function subjectKey(sub: string, clientId: string): string {
  return JSON.stringify(['sub', sub, clientId])
}

/** What anybody else is counted under. One subscriber has a whole IPv6 /64. */
export function addressKey(address: string): string {
  return JSON.stringify(['address', network(address)])
}

/** @fastify/rate-limit says which addresses are one subscriber's; it is loaded with the first that takes finding out. */
function network(address: string): string {
  if (!isIPv6(address)) return address.toLowerCase()
  const { normalizeIP }: typeof import('@fastify/rate-limit') = load('@fastify/rate-limit')
  return normalizeIP(address, ipv6Subnet)
}

/** By subject and client, or by address where nobody is known. */
export function callerKey({ caller, address }: Counted): string {
  return caller?.rateKey ?? addressKey(address)
}

/**
 * What a policy counts together. What a request does not have is replaced by what tells it apart best: the caller by the
 * address, a session by subject and client. A limit that could be left by having less would be none.
 */
export function keyOf(by: readonly CountedBy[], route: string): (counted: Counted) => string {
  const asked = new Set(by)
  const isCaller = asked.size === 2 && asked.has('subject') && asked.has('client')
  if (isCaller) return callerKey
  return (counted) => JSON.stringify([...asked].map((part) => partOf(part, counted, route)))
}

function partOf(part: CountedBy, { caller, address }: Counted, route: string): readonly string[] {
  if (part === 'route') return ['route', route]
  if (part === 'address' || caller === undefined) return ['address', network(address)]
  const { sub, client_id: clientId } = caller.claims
  if (part === 'subject') return ['sub', sub]
  if (part === 'client') return ['client', clientId]
  return sessionOf(caller) ?? ['sub', sub, clientId]
}

function sessionOf({ session, claims: { sid } }: Caller): readonly string[] | undefined {
  if (session !== undefined) return ['session', session.key]
  return sid === undefined ? undefined : ['sid', sid]
}
