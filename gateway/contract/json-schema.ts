import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'

/** A part of a document with its schemas as OpenAPI 3.1 has them: what 3.0 says in its own way is rewritten. */
export function modernSchemas({ version }: OpenApiDocument, part: unknown): unknown {
  return version === '3.0' ? rewrite(part, rewriteOld) : part
}

/**
 * A document, or a part of it, as JSON Schema 2020-12 for requests: what only a service may set (`readOnly`) is not
 * demanded of them (section 4.7.24.2 of OpenAPI 3.0).
 */
export function asJsonSchema(document: OpenApiDocument): Record<string, unknown>
export function asJsonSchema(document: OpenApiDocument, part: unknown): Record<string, unknown> | boolean
export function asJsonSchema(document: OpenApiDocument, part: unknown = document.value) {
  const rewritten = rewrite(modernSchemas(document, part), dropReadOnly)
  return isRecord(rewritten) ? { ...rewritten } : rewritten === true
}

function rewrite(value: unknown, mend: (schema: Record<string, unknown>) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, mend))
  if (!isRecord(value)) return value
  const schema: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, rewrite(inner, mend)]),
  )
  mend(schema)
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
