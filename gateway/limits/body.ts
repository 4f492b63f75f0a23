import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'
import type { Stage } from '../pipeline/context.ts'
import { isMeasurable } from '../upstream/inflated-body.ts'

export interface BodyBounds {
  readonly bodyBytes: number
  /** Of a coded body, after unpacking; undefined: none is taken. */
  readonly inflatedBytes?: number | undefined
}

/**
 * What a body says of itself is checked before anybody reads it; what comes without a length is counted on its way.
 * A coded body is refused unless `content-encoding` is passed on: the service would not know how to read it. Where it is,
 * what the body unpacks to is measured on its way, so it must be coded once, and in a way that we know.
 */
export function bodyProblem(
  { 'content-length': length, 'content-encoding': encoding }: IncomingHttpHeaders,
  { bodyBytes, inflatedBytes }: BodyBounds,
): Problem | undefined {
  if (length !== undefined && Number(length) > bodyBytes) return new Problem('body_too_large')
  const isCoded = encoding !== undefined && encoding.toLowerCase() !== 'identity'
  return isCoded && !(inflatedBytes !== undefined && isMeasurable(encoding))
    ? new Problem('unsupported_media_type')
    : undefined
}

/** The same as a stage, within the bounds of the route. */
export const checkBody: Stage = ({ request, route }) => bodyProblem(request.headers, route)
