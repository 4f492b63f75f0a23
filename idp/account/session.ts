import { createHash, timingSafeEqual } from 'node:crypto'
import { Problem } from '@gatehouse/kit/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountRecord, Accounts } from '../accounts/accounts.ts'
import { field } from '../http/form.ts'
import type { ProviderHost } from '../provider/host.ts'

/** Who is signed in at the IdP itself in this browser. */
export interface OwnSession {
  readonly account: AccountRecord
  /** The session's id, which is what its cookie holds. */
  readonly id: string
  /** Goes into each form: only this session's pages know it. */
  readonly csrf: string
  /** When its person signed in, in seconds since the epoch. */
  readonly authTime: number | undefined
}

export async function ownSession(
  deps: { host: ProviderHost; accounts: Accounts },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<OwnSession | undefined> {
  const { provider } = deps.host
  const session = await provider.Session.get(provider.createContext(request.raw, reply.raw))
  if (session.accountId === undefined) return undefined
  const account = await deps.accounts.find(session.accountId)
  if (account === undefined || account.disabled) return undefined
  return { account, id: session.jti, csrf: csrfToken(session.jti), authTime: session.authTime() }
}

/** @throws Problem `csrf_rejected` when the form is not one that was shown in this session. */
export function requireFormOf(session: OwnSession, body: unknown): void {
  const given = Buffer.from(field(body, 'csrf'))
  const expected = Buffer.from(session.csrf)
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new Problem('csrf_rejected', { detail: 'This form is not from your session. Open the page again.' })
}

function csrfToken(sessionId: string): string {
  return createHash('sha256').update(`account form ${sessionId}`).digest('base64url')
}
