import type { Path } from '@gatehouse/kit/config/path'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'

// JSON Schema 2020-12, core section 10: the keywords with a schema, a list of them, and schemas by name.
const single = [
  'additionalProperties',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
] as const
const lists = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const
const named = ['$defs', 'dependentSchemas', 'patternProperties', 'properties'] as const

/**
 * The place, from the schema given, of something inside it that stands for a schema and is none; undefined when all are.
 * A compiler of schemas takes such for a schema that allows everything.
 */
export function misplacedIn(schema: unknown): Path | undefined {
  if (typeof schema === 'boolean') return undefined
  if (!isRecord(schema)) return []
  for (const [path, inner] of subschemas(schema)) {
    const misplaced = misplacedIn(inner)
    if (misplaced !== undefined) return [...path, ...misplaced]
  }
  return undefined
}

function subschemas(schema: Readonly<Record<string, unknown>>): readonly (readonly [Path, unknown])[] {
  return [
    ...single.flatMap((key) => (Object.hasOwn(schema, key) ? [[[key], schema[key]] as const] : [])),
    ...[...lists, ...named].flatMap((key) => {
      const inner = schema[key]
      const entries = typeof inner === 'object' && inner !== null ? Object.entries(inner) : []
      return entries.map(([name, value]) => [[key, name], value] as const)
    }),
  ]
}
