import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { installation, noteOf, placesFile, rootUrl } from '../places.cjs'

/** Of others (JSON, WebAssembly) Node wants to know more than their place. A package that does not say its own has none. */
const formats: ReadonlySet<string | null | undefined> = new Set(['commonjs', 'module', null, undefined])
const packages = `${rootUrl}node_modules/`

/** Who asks for it, for what, and where it is. */
interface Place {
  readonly parent: string
  readonly note: string
  readonly url: string
}

export interface NotedPlaces {
  /** URLs of the modules of a package that others than itself require. */
  requiredOf(name: string): readonly string[]
  /** @param standIns by URL, what to load instead. */
  write(standIns: ReadonlyMap<string, string>): void
}

/** Notes where Node finds the modules of packages that this process loads from now on, for ../places.cjs. */
export function notePlaces(): NotedPlaces {
  const places = new Map<string, Place>()
  const formatOf = new Map<string, string | undefined>()
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      const { parentURL = '' } = context
      if (parentURL.startsWith(rootUrl) && found.url.startsWith(packages)) {
        const parent = parentURL.slice(rootUrl.length)
        const note = noteOf(specifier, context.conditions)
        places.set(`${parent} ${note}`, { parent, note, url: found.url })
      }
      return found
    },
    // Only now it is known how a file is read that was required.
    load(url, context, next) {
      const loaded = next(url, context)
      if (formats.has(loaded.format)) formatOf.set(url, loaded.format ?? undefined)
      return loaded
    },
  })
  const byParent = (standIns: ReadonlyMap<string, string>) => {
    const noted: Record<string, Record<string, readonly string[]>> = {}
    for (const { parent, note, url } of places.values()) {
      if (!formatOf.has(url)) continue
      const format = formatOf.get(url)
      const file = (standIns.get(url) ?? url).slice(rootUrl.length)
      ;(noted[parent] ??= {})[note] = format === undefined ? [file] : [file, format]
    }
    return noted
  }
  return {
    requiredOf(name) {
      const own = `${packages}${name}/`
      const required = [...places.values()].filter(
        ({ parent, note, url }) =>
          url.startsWith(own) &&
          formatOf.get(url) === 'commonjs' &&
          note.startsWith('require') &&
          !`${rootUrl}${parent}`.startsWith(own),
      )
      return [...new Set(required.map(({ url }) => url))]
    },
    write: (standIns) =>
      writeFileSync(placesFile, JSON.stringify({ of: installation(), places: byParent(standIns) })),
  }
}
