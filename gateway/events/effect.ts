import { eventTypes, type EventName } from '@gatehouse/kit/events/event'
import type { ReceivedSet } from '@gatehouse/kit/events/set'
import { record, text } from '@gatehouse/kit/tokens/read'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { Revocation } from '../revocation/index.ts'
import type { EndedSessions } from '../sessions/index.ts'

/** What an event means here. */
export interface Effect {
  readonly event: EventName
  /** Undefined: nothing is taken away, such as by `account-enabled`. */
  readonly revocation: Revocation | undefined
  /** Which sessions are ended in the store. Others that are covered end when they are next used. */
  readonly sessions: EndedSessions | undefined
}

/** Who may be named: subjects of these issuers are our accounts. */
export interface EffectOptions {
  readonly issuers: ReadonlySet<string>
  /** Whether the transmitter is our IdP: grants, clients and keys are nobody else's to take. */
  readonly isOurs: boolean
}

const ownTypes = 'urn:gatehouse:event:'

const names = new Map<string, EventName>(
  Object.entries(eventTypes).flatMap(([name, uri]) => (isName(name) ? [[uri, name]] : [])),
)

/**
 * What is to be done about a SET. Events that are not known are passed over (RFC 8417 section 2.2).
 * @throws TokenRejected `bad_claims` when a known event does not say whom it is about
 */
export function effectsOf(set: ReceivedSet, options: EffectOptions): readonly Effect[] {
  return Object.entries(set.events).flatMap(([uri, details]) => {
    const event = names.get(uri)
    if (event === undefined || (!options.isOurs && uri.startsWith(ownTypes))) return []
    // CAEP and RISC once had the subject inside the event, and some transmitters still do.
    const subject = set.subject ?? record(record(details, 'events')['subject'], 'subject')
    return [{ event, ...consequence(event, subject, set.at, options) }]
  })
}

function consequence(
  event: EventName,
  subject: ReceivedSet['events'],
  at: number,
  options: EffectOptions,
): Omit<Effect, 'event'> {
  switch (event) {
    case 'session-revoked':
      return sessionOver(subject, at, options)
    case 'credential-change':
    case 'account-disabled':
    case 'account-purged':
      return accountOver(personOf(subject, options), at)
    case 'token-claims-change':
      return { ...accountOver(personOf(subject, options), at), sessions: undefined }
    case 'account-enabled':
      return { revocation: undefined, sessions: undefined }
    case 'grant-revoked':
      return { revocation: { by: 'grant', value: opaqueOf(subject) }, sessions: undefined }
    case 'token-revoked':
      return { revocation: { by: 'jti', value: opaqueOf(subject) }, sessions: undefined }
    case 'client-deleted':
      return {
        revocation: { by: 'client_id', value: opaqueOf(subject), before: at },
        sessions: undefined,
      }
    case 'key-retired':
      return { revocation: { by: 'kid', value: opaqueOf(subject) }, sessions: undefined }
  }
}

/** One session where one is named, all of the person's where only the person is (CAEP section 3.1). */
function sessionOver(
  subject: ReceivedSet['events'],
  at: number,
  options: EffectOptions,
): Omit<Effect, 'event'> {
  const session = subject['format'] === 'complex' ? subject['session'] : undefined
  const isSession = subject['format'] === 'opaque'
  if (session === undefined && !isSession) return accountOver(personOf(subject, options), at)
  const sid = opaqueOf(isSession ? subject : record(session, 'session'))
  return { revocation: { by: 'sid', value: sid }, sessions: { by: 'sid', value: sid } }
}

function accountOver(sub: string, at: number): Omit<Effect, 'event'> {
  return { revocation: { by: 'sub', value: sub, before: at }, sessions: { by: 'sub', value: sub, until: at } }
}

function personOf(subject: ReceivedSet['events'], { issuers }: EffectOptions): string {
  const person = subject['format'] === 'complex' ? record(subject['user'], 'user') : subject
  if (person['format'] !== 'iss_sub' || !issuers.has(text(person, 'iss'))) {
    throw new TokenRejected('bad_claims', 'sub_id')
  }
  return text(person, 'sub')
}

function opaqueOf(subject: ReceivedSet['events']): string {
  if (subject['format'] !== 'opaque') throw new TokenRejected('bad_claims', 'sub_id')
  return text(subject, 'id')
}

function isName(name: string): name is EventName {
  return name in eventTypes
}
