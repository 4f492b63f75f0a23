import type { ConfigDocument } from '../document.ts'
import type { Path } from '../path.ts'
import { listAt, textAt } from '../written.ts'

/** By its id a route or a site is told apart in logs and metrics, a transmitter by where it pushes to and how far it was heard. */
export function idsAreUnique(document: ConfigDocument): void {
  checkTogether(document, [['routes'], ['sites']])
  checkTogether(document, [['revocation', 'transmitters']])
}

function checkTogether(document: ConfigDocument, lists: readonly Path[]): void {
  const seen = new Map<string, string>()
  for (const list of lists) {
    for (const [index, entry] of listAt(document.value, ...list).entries()) {
      const id = textAt(entry, 'id')
      if (id === undefined) continue
      const first = seen.get(id)
      if (first === undefined) seen.set(id, `${list.join('.')}[${index}]`)
      else document.fault([...list, index, 'id'], `'${id}' is already the id of ${first}`)
    }
  }
}
