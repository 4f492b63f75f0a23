import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'

const defaultConfig = fileURLToPath(new URL('../../gatehouse.yaml', import.meta.url))

/**
 * What a machine brings about that has other things to do, and what tests are about only where they say so: how late a
 * process is makes no overload of it, and a handshake may take its time.
 */
export const patience = stringify({
  gateway: { overload: { lag: '1h' } },
  upstreams: Object.fromEntries(
    ['users', 'orders', 'inventory'].map((name) => [name, { timeouts: { connect: '15s' } }]),
  ),
})

/**
 * The default configuration with patches over it: mappings are merged, lists whose entries have an `id` (routes) are
 * merged by it, everything else is replaced. A whole configuration is a patch, too.
 * @param patches YAML texts
 */
export function composeConfig(...patches: readonly (string | undefined)[]): string {
  const text = readFileSync(defaultConfig, 'utf8')
  const given = patches.map((patch): unknown => parse(patch ?? '')).filter((patch) => patch !== null)
  if (given.length === 0) return text
  const merged = given.reduce((base: unknown, patch) => merge(base, patch), parse(text))
  return stringify(merged, { lineWidth: 0 })
}

function merge(base: unknown, patch: unknown): unknown {
  if (isMapping(base) && isMapping(patch)) {
    const merged = Object.entries(patch).map(([key, value]) => [key, merge(base[key], value)] as const)
    return { ...base, ...Object.fromEntries(merged) }
  }
  if (isNamedList(base) && isNamedList(patch)) return mergeById(base, patch)
  return patch
}

function mergeById(base: readonly Named[], patch: readonly Named[]): unknown[] {
  const patched = base.map((entry) => {
    const change = patch.find(({ id }) => id === entry.id)
    return change === undefined ? entry : merge(entry, change)
  })
  return [...patched, ...patch.filter(({ id }) => base.every((entry) => entry.id !== id))]
}

interface Named {
  readonly id: unknown
}

function isNamedList(value: unknown): value is readonly Named[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => isMapping(entry) && 'id' in entry)
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
