import type { ConfigDocument } from './document.ts'
import { type Form, forms } from './forms.ts'
import { nearestWord, suggestion } from './nearest.ts'
import type { Path } from './path.ts'

const formsByName: ReadonlyMap<string, Form> = new Map(Object.entries(forms))

/** As much of JSON Schema as the configuration's schema uses, with `form` for texts that mean something. */
export interface SchemaNode {
  readonly type?: string
  readonly form?: string
  readonly const?: unknown
  readonly anyOf?: readonly SchemaNode[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[] | undefined
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly minItems?: number
  readonly minimum?: number
  readonly maximum?: number
}

/**
 * Notes every place where a value does not have the shape that the schema asks for. Written here and not left
 * to a validator because a fault must say what was expected in the words of the configuration, and because
 * TypeBox stops after eight.
 */
export function checkShape(schema: SchemaNode, value: unknown, path: Path, document: ConfigDocument): void {
  if (value === null || value === undefined) {
    document.fault(path, `is empty; expected ${expectation(schema)}`, 'key')
  } else if (schema.anyOf !== undefined) {
    checkChoice(schema.anyOf, value, path, document)
  } else if (schema.type === 'object') {
    checkObject(schema, value, path, document)
  } else if (schema.type === 'array') {
    checkList(schema, value, path, document)
  } else if (!fitsScalar(schema, value)) {
    document.fault(path, `${document.written(path)} is not ${expectation(schema)}`)
  }
}

function checkObject(schema: SchemaNode, value: unknown, path: Path, document: ConfigDocument): void {
  if (!isRecord(value)) {
    document.fault(path, `${document.written(path)} is not ${expectation(schema)}`)
  } else if (schema.patternProperties !== undefined) {
    checkNamed(schema.patternProperties, value, path, document)
  } else {
    checkProperties(schema, value, path, document)
  }
}

function checkProperties(
  schema: SchemaNode,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  document: ConfigDocument,
): void {
  const properties = schema.properties ?? {}
  for (const [key, inner] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (known !== undefined) checkShape(known, inner, [...path, key], document)
    else document.fault([...path, key], `unknown key${suggestion(key, Object.keys(properties))}`, 'key')
  }
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key))
  for (const key of missing) {
    document.fault(path, `'${key}' is missing; expected ${expectation(properties[key] ?? {})}`)
  }
}

function checkNamed(
  patterns: Readonly<Record<string, SchemaNode>>,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  document: ConfigDocument,
): void {
  const [pattern, schema] = Object.entries(patterns)[0] ?? ['', {}]
  const entries = Object.entries(value)
  if (entries.length === 0) document.fault(path, 'is empty; expected at least one entry')
  for (const [name, inner] of entries) {
    if (new RegExp(pattern).test(name)) checkShape(schema, inner, [...path, name], document)
    else document.fault([...path, name], `'${name.slice(0, 60)}' is not ${forms.name.expected}`, 'key')
  }
}

function checkList(schema: SchemaNode, value: unknown, path: Path, document: ConfigDocument): void {
  if (!Array.isArray(value)) {
    document.fault(path, `${document.written(path)} is not ${expectation(schema)}`)
    return
  }
  if (value.length < (schema.minItems ?? 0)) document.fault(path, `is empty; expected ${expectation(schema)}`)
  const seen = new Set<unknown>()
  for (const [index, item] of value.entries()) {
    checkShape(schema.items ?? {}, item, [...path, index], document)
    if (typeof item === 'string' && seen.has(item))
      document.fault([...path, index], `'${item}' is there twice`)
    seen.add(item)
  }
}

/** Fixed words, and at most one shape of each type besides them. */
function checkChoice(
  choices: readonly SchemaNode[],
  value: unknown,
  path: Path,
  document: ConfigDocument,
): void {
  const fitting = choices.find((choice) => choice.const === undefined && choice.type === typeOf(value))
  if (fitting !== undefined) return checkShape(fitting, value, path, document)
  if (choices.some((choice) => choice.const === value)) return
  const near = typeof value === 'string' ? nearestWord(value, words(choices)) : undefined
  const hint = near === undefined ? '' : `, did you mean '${near}'?`
  document.fault(path, `${document.written(path)} is not ${expectation({ anyOf: choices })}${hint}`)
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value
}

function fitsScalar(schema: SchemaNode, value: unknown): boolean {
  if (schema.type === 'boolean') return typeof value === 'boolean'
  if (schema.type === 'integer') {
    return (
      typeof value === 'number' &&
      Number.isInteger(value) &&
      value >= (schema.minimum ?? -Infinity) &&
      value <= (schema.maximum ?? Infinity)
    )
  }
  const form = formOf(schema)
  return typeof value === 'string' && (form === undefined || form.accepts(value))
}

function expectation(schema: SchemaNode): string {
  if (schema.anyOf !== undefined) {
    const shapes = schema.anyOf.filter((choice) => choice.const === undefined && choice.type !== 'array')
    if (shapes.length > 0) return [...words(schema.anyOf), ...shapes.map(expectation)].join(', or ')
    const list = schema.anyOf.find((choice) => choice.type === 'array')
    const fixed = words(schema.anyOf)
    if (list === undefined) return `one of ${fixed.join(', ')}`
    return `a list of ${words(list.items?.anyOf ?? []).join(', ')}, or ${fixed.join(', ')}, written out`
  }
  if (schema.type === 'array') return `a list${itemExpectation(schema.items ?? {})}`
  if (schema.type === 'object') return objectExpectation(schema)
  if (schema.type === 'boolean') return 'true or false'
  if (schema.type === 'integer')
    return `a whole number from ${schema.minimum ?? 0} to ${schema.maximum ?? 'any'}`
  return formOf(schema)?.expected ?? 'a text'
}

function itemExpectation(items: SchemaNode): string {
  const fixed = words(items.anyOf ?? [])
  if (fixed.length > 0) return ` with at least one of ${fixed.join(', ')}`
  if (items.anyOf !== undefined) return ` of at least one entry, each ${expectation(items)}`
  const form = formOf(items)
  return form === undefined ? ' of entries' : ` of at least one entry, each ${form.expected}`
}

function objectExpectation(schema: SchemaNode): string {
  const keys = Object.keys(schema.properties ?? {})
  return keys.length === 0 ? 'entries with names' : `an entry with ${keys.join(', ')}`
}

function formOf({ form }: SchemaNode): Form | undefined {
  return form === undefined ? undefined : formsByName.get(form)
}

function words(choices: readonly SchemaNode[]): readonly string[] {
  return choices.flatMap((choice) => (typeof choice.const === 'string' ? [choice.const] : []))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
