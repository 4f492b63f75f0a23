import type { MediaType, RequestBody } from '@gatehouse/kit/openapi/request-body'
import { isJson, mediaTypeName } from '@gatehouse/kit/openapi/request-body'

/** What the operation says about bodies of this type; undefined: it takes none such. */
export function mediaTypeFor({ types }: RequestBody, contentType: string): MediaType | undefined {
  const name = mediaTypeName(contentType)
  const exact = types.find((type) => type.name === name)
  if (exact !== undefined) return exact
  const group = `${name.split('/', 1)[0] ?? ''}/*`
  const range = types.find((type) => type.name === group) ?? types.find((type) => type.name === '*/*')
  // Whether it is JSON, what was sent says and not the range that takes it.
  return range && { ...range, isJson: isJson(name) }
}

const charsets = /;\s*charset\s*=([^;]*)/gi
const utf8 = /^\s*("?)utf-?8\1\s*$/i

/**
 * Whether a type names another charset than UTF-8. JSON has no other (RFC 8259 section 8.1), but there are services that
 * believe it, and read other names and values out of the same bytes.
 */
export function hasOtherCharset(contentType: string): boolean {
  return (
    contentType.includes(';') && [...contentType.matchAll(charsets)].some(([, name = '']) => !utf8.test(name))
  )
}
