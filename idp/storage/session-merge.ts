import { isRecord } from '@gatehouse/kit/tokens/strict-json'

/** What a session of the IdP knows of its clients, by `client_id`: `sid`, `grantId`, and whatever the library adds. */
export type Authorizations = Readonly<Record<string, unknown>>

/** So many tabs get their answers in the same moment. */
const maxBeside = 32

/** @returns what is stored as `authorizations`; nothing when there is none */
export function readAuthorizations(value: unknown): Authorizations {
  return isRecord(value) ? value : {}
}

/**
 * What three sides say of one session: as a request found it, as that request leaves it, and as it is now, because other
 * tabs of the browser were served meanwhile. Nobody's authorization is lost, and none that was taken away comes back.
 * A client that two tabs brought at once has two `sid`s and may have two grants; all of them end with the session.
 * @param found as the request read it
 * @param left as it would save it
 * @param now as it is stored; undefined when nobody else touched it
 */
export function mergeAuthorizations(
  found: Authorizations,
  left: Authorizations,
  now: Authorizations | undefined,
): Authorizations {
  if (now === undefined) return left
  const clients = [...new Set([...Object.keys(now), ...Object.keys(left)])]
  const merged = clients.flatMap((client) => {
    const entry = mergeEntry(found[client], left[client], now[client])
    return entry === undefined ? [] : [[client, entry] as const]
  })
  return Object.fromEntries(merged)
}

function mergeEntry(found: unknown, left: unknown, now: unknown): unknown {
  const isMine = JSON.stringify(left) !== JSON.stringify(found)
  if (!isMine) return now
  if (left === undefined || now === undefined) return left
  const theirs = readAuthorizations(now)
  const both = { ...theirs, ...readAuthorizations(left) }
  return { ...both, ...beside('sid', 'sids', both, theirs), ...beside('grantId', 'grantIds', both, theirs) }
}

/** What another tab set as `name` is kept as one of `names`. */
function beside(name: string, names: string, both: Authorizations, theirs: Authorizations): Authorizations {
  const all = new Set(texts([...texts(theirs[names]), theirs[name]]))
  all.delete(typeof both[name] === 'string' ? both[name] : '')
  return all.size === 0 ? {} : { [names]: [...all].slice(-maxBeside) }
}

/** The grants of a client in a session, the newest not among them: only tabs that agreed at once have several. */
export function otherGrantsOf(authorizations: Authorizations, clientId: string): readonly string[] {
  return texts(readAuthorizations(authorizations[clientId])['grantIds'])
}

/** The other grants of the client that has this one in a session. */
export function grantsBeside(grantId: string, authorizations: unknown): readonly string[] {
  const known = readAuthorizations(authorizations)
  return Object.keys(known)
    .filter((client) => readAuthorizations(known[client])['grantId'] === grantId)
    .flatMap((client) => otherGrantsOf(known, client))
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : []
}
