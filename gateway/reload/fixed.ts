import { isDeepStrictEqual } from 'node:util'
import type { Config } from '@gatehouse/kit/config/types'

/** What a running gateway can follow; everything else is opened once, at start. */
const followed: ReadonlySet<string> = new Set<keyof Config>(['routes', 'upstreams', 'edges', 'limitPolicies'])

/** What `cli apply` takes from the file to the identity server, which does not start again for it either. */
const declared: ReadonlySet<string> = new Set(['idp.protocol.clients', 'idp.roles'])

/** The keys that differ and cannot change without a restart, such as `gateway.listen.port`. */
export function fixedChanges(running: Config, wanted: Config): readonly string[] {
  return Object.entries(wanted).flatMap(([key, value]) =>
    followed.has(key) ? [] : differences(key, Reflect.get(running, key), value),
  )
}

function differences(path: string, before: unknown, after: unknown): readonly string[] {
  if (declared.has(path) || isDeepStrictEqual(before, after)) return []
  if (!isMapping(before) || !isMapping(after)) return [asWritten(path)]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => differences(`${path}.${key}`, before[key], after[key]))
}

/** As the file has it. */
function asWritten(path: string): string {
  return path.replace(/^idp\.protocol\./, 'idp.').replace(/(?:Ms|Bytes)$/, '')
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
