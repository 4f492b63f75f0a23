import type { Schema, Static } from './schema.ts'

/**
 * Whether a value is what the schema describes. For records and answers of other services; bodies of requests are
 * checked by Fastify's compiled validator, which is faster; `violationOf` says where the fault is.
 * @throws TypeError for a schema with keywords beyond those of {@link Schema}: they would go unheeded.
 */
export function conforms<S extends Schema>(schema: S, value: unknown): value is Static<S> {
  understand(schema)
  return fits(schema, value)
}

/** What is looked at below. `form` is looked at where the configuration is (config/shape.ts). */
const keywords = `type const anyOf properties required additionalProperties patternProperties items minItems maxItems
  minimum maximum minLength maxLength minProperties pattern form`
/** What restricts nothing (JSON Schema Core section 8, Validation sections 7 to 9). */
const annotations = `$id $schema $comment $defs title description default examples deprecated readOnly writeOnly format
  contentEncoding contentMediaType contentSchema`
const known: ReadonlySet<string> = new Set(`${keywords} ${annotations}`.split(/\s+/))
const understood = new WeakSet<Schema>()

/** @throws TypeError for a keyword that would restrict what is let through, and is not known here. */
function understand(schema: Schema): void {
  if (understood.has(schema)) return
  const unknown = Object.keys(schema).find((name) => !known.has(name))
  if (unknown !== undefined) throw new TypeError(`conforms knows no keyword '${unknown}' of JSON Schema`)
  const { anyOf = [], properties = {}, patternProperties = {}, items } = schema
  if (typeof schema.additionalProperties === 'object')
    throw new TypeError('conforms takes additionalProperties as true or false only')
  const inner = [...anyOf, ...Object.values(properties), ...Object.values(patternProperties)]
  for (const each of items === undefined ? inner : [...inner, items]) understand(each)
  understood.add(schema)
}

function fits(schema: Schema, value: unknown): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some((choice) => fits(choice, value))
  if ('const' in schema) return value === schema.const
  switch (schema.type) {
    case undefined:
      return true
    case 'string':
      return typeof value === 'string' && fitsText(schema, value)
    case 'integer':
      return Number.isInteger(value) && typeof value === 'number' && fitsNumber(schema, value)
    case 'number':
      return Number.isFinite(value) && typeof value === 'number' && fitsNumber(schema, value)
    case 'array':
      return Array.isArray(value) && fitsList(schema, value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && fitsObject(schema, value)
    case 'null':
      return value === null
    default:
      return typeof value === schema.type
  }
}

function fitsText(schema: Schema, value: string): boolean {
  const { minLength = 0, maxLength = Infinity, pattern } = schema
  // JSON Schema counts characters, not UTF-16 units.
  const { length } = Array.from(value)
  return (
    length >= minLength &&
    length <= maxLength &&
    (pattern === undefined || new RegExp(pattern, 'u').test(value))
  )
}

function fitsNumber({ minimum = -Infinity, maximum = Infinity }: Schema, value: number): boolean {
  return value >= minimum && value <= maximum
}

function fitsList(schema: Schema, value: readonly unknown[]): boolean {
  const { items, minItems = 0, maxItems = Infinity } = schema
  if (value.length < minItems || value.length > maxItems) return false
  return items === undefined || value.every((item) => fits(items, item))
}

function fitsObject(schema: Schema, value: object): boolean {
  const { properties = {}, required = [], patternProperties, minProperties = 0 } = schema
  const entries = Object.entries(value)
  if (entries.length < minProperties || required.some((name) => Reflect.get(value, name) === undefined))
    return false
  return entries.every(([name, inner]) => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (own !== undefined) return inner === undefined || fits(own, inner)
    if (patternProperties !== undefined) return fitsPattern(patternProperties, name, inner)
    return schema.additionalProperties !== false
  })
}

function fitsPattern(patterns: Readonly<Record<string, Schema>>, name: string, value: unknown): boolean {
  return Object.entries(patterns).some(
    ([pattern, schema]) => new RegExp(pattern, 'u').test(name) && fits(schema, value),
  )
}
