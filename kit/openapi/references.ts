import type { Path } from '../config/path.ts'
import { isRecord } from '../tokens/strict-json.ts'
import type { OpenApiDocument } from './document.ts'

const deepest = 100
/** What stands here is data and refers to nothing. */
const data: ReadonlySet<string> = new Set(['example', 'default', 'enum', 'const'])
/** They would give a part of the document another base, so that `#/…` meant something else there. */
const rebasing: readonly string[] = ['$id', '$dynamicRef', '$recursiveRef']

/**
 * That every reference of a document leads somewhere within it.
 * @throws OpenApiError for the first that does not.
 */
export function checkReferences(document: OpenApiDocument): void {
  visit(document, document.value, [])
}

function visit(document: OpenApiDocument, value: unknown, path: Path): void {
  if (path.length > deepest) throw document.fault(path.slice(0, 4), 'is nested too deeply')
  if (Array.isArray(value)) value.forEach((item, index) => visit(document, item, [...path, index]))
  if (!isRecord(value)) return
  if (typeof value['$ref'] === 'string') document.target(value['$ref'], [...path, '$ref'])
  const rebased = rebasing.find((key) => typeof value[key] === 'string')
  if (rebased !== undefined) throw document.fault([...path, rebased], `'${rebased}' is not supported here`)
  for (const [key, inner] of Object.entries(value)) {
    if (!data.has(key) || path.at(-1) === 'properties') visit(document, inner, [...path, key])
  }
}
