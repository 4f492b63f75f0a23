import type { Path } from '../config/path.ts'
import { isRecord } from '../tokens/strict-json.ts'
import type { OpenApiDocument } from './document.ts'

export interface MediaType {
  /** Lower case, without parameters: `application/json`, `image/*`. */
  readonly name: string
  readonly isJson: boolean
  /** Undefined: the document says nothing about it. */
  readonly schema: Path | undefined
}

/** What an operation takes as its body (OpenAPI 3.1 section 4.8.13). */
export interface RequestBody {
  readonly required: boolean
  readonly types: readonly MediaType[]
}

/** @throws OpenApiError */
export function readRequestBody(document: OpenApiDocument, written: Path): RequestBody | undefined {
  if (document.at(written) === undefined) return undefined
  const { path, value } = document.resolve(written)
  const content = isRecord(value) ? value['content'] : undefined
  if (!isRecord(value) || !isRecord(content) || Object.keys(content).length === 0)
    throw document.fault(path, "has no 'content'")
  const types = Object.entries(content).map(([key, media]) => {
    const name = mediaTypeName(key)
    const schema = isRecord(media) && media['schema'] !== undefined
    return {
      name,
      isJson: isJson(name),
      schema: schema ? [...path, 'content', key, 'schema'] : undefined,
    }
  })
  return { required: value['required'] === true, types }
}

/** Without parameters (RFC 9110 section 8.3.1). */
export function mediaTypeName(text: string): string {
  return (text.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/** @param name without parameters. */
export function isJson(name: string): boolean {
  return name === 'application/json' || name.endsWith('+json')
}
