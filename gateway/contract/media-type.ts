import type { MediaType, RequestBody } from '@gatehouse/kit/openapi/request-body'
import { mediaTypeName } from '@gatehouse/kit/openapi/request-body'

/** What the operation says about bodies of this type; undefined: it takes none such. */
export function mediaTypeFor({ types }: RequestBody, contentType: string): MediaType | undefined {
  const name = mediaTypeName(contentType)
  const group = `${name.split('/', 1)[0] ?? ''}/*`
  return (
    types.find((type) => type.name === name) ??
    types.find((type) => type.name === group) ??
    types.find((type) => type.name === '*/*')
  )
}
