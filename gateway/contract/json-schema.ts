import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'

/**
 * A document, or a part of it, with its schemas as JSON Schema 2020-12 has them: what OpenAPI 3.0 says in its own way
 * is rewritten, and what only a service may set (`readOnly`) is not demanded of a request (section 4.7.24.2 of 3.0).
 */
export function asJsonSchema(document: OpenApiDocument): Record<string, unknown>
export function asJsonSchema(document: OpenApiDocument, part: unknown): Record<string, unknown> | boolean
export function asJsonSchema({ value, version }: OpenApiDocument, part: unknown = value) {
  const rewritten = rewrite(part, version === '3.0')
  return isRecord(rewritten) ? { ...rewritten } : rewritten === true
}

function rewrite(value: unknown, isOld: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, isOld))
  if (!isRecord(value)) return value
  const schema: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, rewrite(inner, isOld)]),
  )
  dropReadOnly(schema)
  if (isOld) rewriteOld(schema)
  return schema
}

function dropReadOnly(schema: Record<string, unknown>): void {
  const { required, properties } = schema
  if (!Array.isArray(required) || !isRecord(properties)) return
  schema['required'] = required.filter((name) => {
    const property = properties[String(name)]
    return !(isRecord(property) && property['readOnly'] === true)
  })
}

function rewriteOld(schema: Record<string, unknown>): void {
  if (schema['nullable'] === true && typeof schema['type'] === 'string')
    schema['type'] = [schema['type'], 'null']
  bound(schema, 'minimum', 'exclusiveMinimum')
  bound(schema, 'maximum', 'exclusiveMaximum')
}

/** In 3.0 the second says of the first that it is not allowed itself. */
function bound(schema: Record<string, unknown>, limit: string, exclusive: string): void {
  if (typeof schema[exclusive] !== 'boolean') return
  if (schema[exclusive]) {
    schema[exclusive] = schema[limit]
    delete schema[limit]
  } else delete schema[exclusive]
}
