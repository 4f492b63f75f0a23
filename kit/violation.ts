import { conforms } from './conforms.ts'
import { pointerToken, type SchemaViolation } from './http/validation-faults.ts'
import type { Schema } from './schema.ts'

/**
 * The first place where a value is not what the schema describes, in the words that compiled validators use too;
 * undefined when it conforms. For what is asked seldom: compiling costs more than it saves there.
 */
export function violationOf(schema: Schema, value: unknown): SchemaViolation | undefined {
  return conforms(schema, value) ? undefined : innermost(schema, value, '')
}

/** Of a value that is known not to conform. */
function innermost(schema: Schema, value: unknown, instancePath: string): SchemaViolation {
  const found = (keyword: string, params: SchemaViolation['params'] = {}) => ({
    instancePath,
    keyword,
    params,
  })
  if (schema.anyOf !== undefined) return found('anyOf')
  if ('const' in schema) return found('const')
  if (!isOfType(schema, value)) return found('type', { type: schema.type })
  if (Array.isArray(value))
    return inList(schema, value, instancePath) ?? boundOf(schema, value.length, 'Items', found)
  if (typeof value === 'object' && value !== null) {
    return inObject(schema, value, instancePath) ?? found('minProperties')
  }
  if (typeof value === 'string') return boundOf(schema, Array.from(value).length, 'Length', found)
  const { minimum = -Infinity } = schema
  if (typeof value !== 'number') return found('format')
  return value < minimum ? found('minimum', { limit: minimum }) : found('maximum', { limit: schema.maximum })
}

function isOfType({ type }: Schema, value: unknown): boolean {
  return type === undefined || conforms({ type }, value)
}

type Found = (keyword: string, params?: SchemaViolation['params']) => SchemaViolation

function boundOf(schema: Schema, size: number, what: 'Items' | 'Length', found: Found): SchemaViolation {
  const least = schema[`min${what}`]
  const most = schema[`max${what}`]
  if (least !== undefined && size < least) return found(`min${what}`, { limit: least })
  if (most !== undefined && size > most) return found(`max${what}`, { limit: most })
  return found('pattern')
}

function inList(schema: Schema, value: readonly unknown[], path: string): SchemaViolation | undefined {
  const { items } = schema
  if (items === undefined) return undefined
  const at = value.findIndex((item) => !conforms(items, item))
  return at === -1 ? undefined : innermost(items, value[at], `${path}/${at}`)
}

function inObject(schema: Schema, value: object, path: string): SchemaViolation | undefined {
  const { properties = {}, required = [] } = schema
  const missing = required.find((name) => Reflect.get(value, name) === undefined)
  if (missing !== undefined) {
    return { instancePath: path, keyword: 'required', params: { missingProperty: missing } }
  }
  for (const [name, inner] of Object.entries(value)) {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (own !== undefined && !conforms(own, inner))
      return innermost(own, inner, `${path}/${pointerToken(name)}`)
    if (own === undefined && !fitsOthers(schema, name, inner)) {
      return { instancePath: path, keyword: 'additionalProperties', params: { additionalProperty: name } }
    }
  }
  return undefined
}

function fitsOthers(schema: Schema, name: string, value: unknown): boolean {
  const { patternProperties, additionalProperties } = schema
  const rest = {
    type: 'object',
    ...(patternProperties && { patternProperties }),
    ...(additionalProperties === false && { additionalProperties }),
  }
  return conforms(rest, { [name]: value })
}
