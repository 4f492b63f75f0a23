import { Problem } from '@gatehouse/kit/errors'
import type { Stage } from '../pipeline/context.ts'
import { isMeasurable } from '../upstream/inflated-body.ts'

/**
 * What a body says of itself is checked before anybody reads it; what comes without a length is counted on its way.
 * A coded body is refused unless the route passes `content-encoding` on: the service would not know how to read it. Where
 * the route does, what the body unpacks to is measured on its way, so it must be coded once, and in a way that we know.
 */
export const checkBody: Stage = ({ request, route }) => {
  const { 'content-length': length, 'content-encoding': encoding } = request.headers
  if (length !== undefined && Number(length) > route.bodyBytes) return new Problem('body_too_large')
  const isCoded = encoding !== undefined && encoding.toLowerCase() !== 'identity'
  return isCoded && !(route.inflatedBytes !== undefined && isMeasurable(encoding))
    ? new Problem('unsupported_media_type')
    : undefined
}
