import { Problem } from '@gatehouse/kit/errors'
import type { Stage } from '../pipeline/context.ts'

/**
 * What a body says of itself is checked before anybody reads it; what comes without a length is counted on its way.
 * A coded body is refused unless the route passes `content-encoding` on: the service would not know how to read it,
 * and where it does, its real size is for the service to limit.
 */
export const checkBody: Stage = ({ request, route }) => {
  const { 'content-length': length, 'content-encoding': encoding } = request.headers
  if (length !== undefined && Number(length) > route.bodyBytes) return new Problem('body_too_large')
  const isCoded = encoding !== undefined && encoding.toLowerCase() !== 'identity'
  return isCoded && !route.requestHeaders.includes('content-encoding')
    ? new Problem('unsupported_media_type')
    : undefined
}
