import type { ConfigDocument } from '../document.ts'
import { listAt, textAt } from '../written.ts'

/** By their ids routes and sites are told apart in logs and metrics. */
export function idsAreUnique(document: ConfigDocument): void {
  const seen = new Map<string, string>()
  for (const list of ['routes', 'sites']) {
    for (const [index, entry] of listAt(document.value, list).entries()) {
      const id = textAt(entry, 'id')
      if (id === undefined) continue
      const first = seen.get(id)
      if (first === undefined) seen.set(id, `${list}[${index}]`)
      else document.fault([list, index, 'id'], `'${id}' is already the id of ${first}`)
    }
  }
}
