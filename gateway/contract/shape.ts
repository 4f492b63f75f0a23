import type { Path } from '@gatehouse/kit/config/path'
import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'

const deepest = 6

/** As much of a schema as it takes to read a text as the value that is meant. */
export interface Shape {
  readonly types: ReadonlySet<string>
  readonly items: Shape | undefined
  readonly properties: ReadonlyMap<string, Shape>
}

const text: Shape = { types: new Set(['string']), items: undefined, properties: new Map() }

export function shapeOf(document: OpenApiDocument, written: Path, depth = 0): Shape {
  const { path, value } = document.resolve(written)
  if (!isRecord(value) || depth > deepest) return text
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((word) => {
    const list = value[word]
    return Array.isArray(list) ? list.map((_, at) => shapeOf(document, [...path, word, at], depth + 1)) : []
  })
  const names = isRecord(value['properties']) ? Object.keys(value['properties']) : []
  const own = names.map(
    (name) => [name, shapeOf(document, [...path, 'properties', name], depth + 1)] as const,
  )
  const types = new Set([...typesOf(value), ...parts.flatMap((part) => [...part.types])])
  const items = isRecord(value['items']) ? shapeOf(document, [...path, 'items'], depth + 1) : undefined
  return {
    types: types.size === 0 ? text.types : types,
    items: items ?? parts.find((part) => part.items !== undefined)?.items,
    properties: new Map([...parts.flatMap((part) => [...part.properties]), ...own]),
  }
}

function typesOf(schema: Readonly<Record<string, unknown>>): readonly string[] {
  const { type, enum: values, const: only } = schema
  if (type !== undefined) return [type].flat().map(String)
  if (Array.isArray(values)) return values.map(typeOf)
  return only === undefined ? [] : [typeOf(only)]
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}

/** A text as the value that it stands for, or as itself where it stands for none: then the schema refuses it. */
export function readScalar(written: string, { types }: Shape): unknown {
  if (types.has('string')) return written
  if ((types.has('integer') || types.has('number')) && /^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,20})?$/.test(written))
    return Number(written)
  if (types.has('boolean') && (written === 'true' || written === 'false')) return written === 'true'
  return written
}

export function readList(written: readonly string[], shape: Shape): readonly unknown[] {
  return written.map((item) => readScalar(item, shape.items ?? text))
}

export function readFields(
  written: readonly (readonly [string, string])[],
  shape: Shape,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    written.map(([name, value]) => [name, readScalar(value, shape.properties.get(name) ?? text)]),
  )
}
