import { eventTypes, type SecurityEvent } from './event.ts'

/** Whom a SET is about (RFC 9493), and what happened. */
export interface EventClaims {
  readonly sub_id: Readonly<Record<string, unknown>>
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/**
 * An event as the claims of a SET (RFC 8417 section 2.2) with its subject as RFC 9493 writes it. Things that the
 * standard has no format for are `opaque` there, and named in the event.
 * @param at when it happened, milliseconds since the epoch
 */
export function eventClaims(event: SecurityEvent, issuer: string, at: number): EventClaims {
  const { subject, details } = describe(event, issuer)
  return {
    sub_id: subject,
    events: { [eventTypes[event.type]]: { event_timestamp: Math.floor(at / 1000), ...details } },
  }
}

interface Description {
  readonly subject: Readonly<Record<string, unknown>>
  readonly details?: Readonly<Record<string, unknown>>
}

function describe(event: SecurityEvent, iss: string): Description {
  switch (event.type) {
    case 'session-revoked':
      return {
        subject: { format: 'complex', user: person(iss, event.sub), session: opaque(event.sid) },
        details: { initiating_entity: 'user' },
      }
    case 'token-claims-change':
      return { subject: person(iss, event.sub), details: { claims: event.claims } }
    case 'credential-change':
      return {
        subject: person(iss, event.sub),
        details: { credential_type: event.credentialType, change_type: event.changeType },
      }
    case 'account-disabled':
    case 'account-enabled':
    case 'account-purged':
      return { subject: person(iss, event.sub) }
    case 'grant-revoked':
      return { subject: opaque(event.grant) }
    case 'token-revoked':
      return { subject: opaque(event.jti) }
    case 'client-deleted':
      return { subject: opaque(event.clientId) }
    case 'key-retired':
      return { subject: opaque(event.kid) }
  }
}

function person(iss: string, sub: string) {
  return { format: 'iss_sub', iss, sub }
}

function opaque(id: string) {
  return { format: 'opaque', id }
}
