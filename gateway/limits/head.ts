import { Problem } from '@gatehouse/kit/errors'
import type { Stage } from '../pipeline/context.ts'

/** A route's own bounds on the URL and the header lines, within those that hold for every request. */
export const checkHead: Stage = ({ request, route: { urlBytes, headerBytes } }) => {
  if (urlBytes !== undefined && (request.url ?? '').length > urlBytes) return new Problem('uri_too_long')
  if (headerBytes === undefined) return undefined
  let bytes = 0
  for (const part of request.rawHeaders) bytes += part.length
  return bytes > headerBytes ? new Problem('headers_too_large') : undefined
}
