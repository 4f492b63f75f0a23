import { adminResource } from '../../admin/protocol.ts'
import { eventsResource } from '../../events/protocol.ts'
import { parseDuration, UnitError } from '../../units.ts'
import type { ConfigDocument } from '../document.ts'
import type { Path } from '../path.ts'
import { keysAt, listAt, textAt } from '../written.ts'

/** As in compile-idp.ts, for what the file leaves out. */
const standard = { accessToken: '5m', refreshToken: '14d', idToken: '5m' } as const
const names = ['accessToken', 'refreshToken', 'idToken'] as const

/**
 * Lives of a resource or a client may be shorter than `idp.ttl` says, never longer: by that one the gateways know how long
 * they have to remember what was taken away, and the key ring how long a key has to verify.
 */
export function lifetimesAreWithin(document: ConfigDocument): void {
  const { value } = document
  const known = [textAt(value, 'resource') ?? 'urn:gatehouse:api', adminResource, eventsResource]
  for (const resource of keysAt(value, 'idp', 'ttl', 'resources')) {
    const path = ['idp', 'ttl', 'resources', resource]
    if (!known.includes(resource))
      document.fault(path, `there is no such resource; expected one of ${known.join(', ')}`, 'key')
    refuseLonger(document, path, 'accessToken')
  }
  for (const index of listAt(value, 'idp', 'clients').keys())
    for (const name of names) refuseLonger(document, ['idp', 'clients', index, 'ttl', name], name)
}

function refuseLonger(document: ConfigDocument, path: Path, name: (typeof names)[number]): void {
  const most = textAt(document.value, 'idp', 'ttl', name) ?? standard[name]
  const own = textAt(document.value, ...path)
  if (own === undefined || millis(own) <= millis(most)) return
  document.fault(path, `${own} is longer than idp.ttl.${name}, which is ${most}`)
}

/** What cannot be read is at fault already, by its form. */
function millis(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    if (error instanceof UnitError) return 0
    throw error
  }
}
