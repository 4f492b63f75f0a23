import { Problem, type FieldFault } from '@gatehouse/kit/errors'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { RequestContext, Stage, StageResult } from '../pipeline/context.ts'
import type { OperationContract } from './compile.ts'
import type { MediaType } from '@gatehouse/kit/openapi/request-body'
import { hopByHop } from '../upstream/request-headers.ts'
import { hasOtherCharset, mediaTypeFor } from './media-type.ts'
import { isEmpty, readBody } from './read-body.ts'
import type { Route } from '../routing/route.ts'
import { Query } from './query.ts'
import { readJson } from './read-json.ts'

/** For routes whose answers need not end, and so have no time of their own. */
const longestUploadMs = 30_000

/** Everything of a request but its body, against the contract of its route. */
export const fitsContract: Stage = ({ request, route }) => {
  const contract = contractOf({ request, route })
  if (contract === undefined) return undefined
  const headers = passedOn(request.headers)
  const query = queryOf(request)
  if (query === undefined) return new Problem('validation_failed', { faults: [unreadableQuery] })
  const faults = contract.checkParameters({ segments: segmentsOf(request), query, headers })
  return faults.length > 0 ? new Problem('validation_failed', { faults }) : undefined
}

/** The body: read whole, within the limit of the route, and passed on as it came. */
export const bodyFitsContract: Stage = ({ request, route }) => {
  const contract = contractOf({ request, route })
  if (contract === undefined) return undefined
  const { 'transfer-encoding': coding, 'content-length': length = 0 } = request.headers
  if (coding === undefined) return bodyFits(contract, request, route, Number(length) === 0)
  return isEmpty(request, timeoutOf(route)).then((empty) =>
    empty instanceof Problem ? empty : bodyFits(contract, request, route, empty),
  )
}

function bodyFits(
  contract: OperationContract,
  request: IncomingMessage,
  route: Route,
  empty: boolean,
): StageResult | Promise<StageResult> {
  if (empty) return contract.body?.required === true ? missing('is required') : undefined
  const type = bodyType(contract, request)
  if (type instanceof Problem) return type
  if (!type.isJson) return undefined
  const check = contract.bodyChecks.get(type.name)
  return readAndCheck(request, route, (value, bytes) => check?.(value, bytes) ?? [])
}

async function readAndCheck(
  request: IncomingMessage,
  route: Route,
  check: (value: unknown, bytes: number) => readonly FieldFault[],
): Promise<StageResult> {
  const body = await readBody(request, { bytes: route.bodyBytes, timeoutMs: timeoutOf(route) })
  if (body instanceof Problem) return body
  const read = readJson(body)
  if (read instanceof Problem) return read
  const faults = check(read.value, body.length)
  return faults.length > 0 ? new Problem('validation_failed', { faults }) : { body }
}

function timeoutOf({ timing }: Route): number {
  return timing.totalMs > 0 ? timing.totalMs : longestUploadMs
}

function contractOf({ request: { method = '' }, route }: Pick<RequestContext, 'request' | 'route'>) {
  const operations = route.contract?.operations
  // A route that takes GET takes HEAD as well (RFC 9110 section 9.3.2), and its service does for it what it does for GET.
  return operations?.get(method) ?? (method === 'HEAD' ? operations?.get('GET') : undefined)
}

/** What a body says that it is. */
function bodyType({ body }: OperationContract, request: IncomingMessage): MediaType | Problem {
  const { 'content-encoding': encoding = 'identity' } = request.headers
  const { 'content-type': type = '' } = passedOn(request.headers)
  if (body === undefined) return missing('is not expected here')
  // What is checked must be what the service reads.
  if (encoding.toLowerCase() !== 'identity') return new Problem('unsupported_media_type')
  const found = mediaTypeFor(body, type)
  const isReadable = found !== undefined && !(found.isJson && hasOtherCharset(type))
  return isReadable ? found : new Problem('unsupported_media_type')
}

function missing(message: string): Problem {
  return new Problem('validation_failed', { faults: [{ path: '', message: `the body ${message}` }] })
}

/** Without what `Connection` names: the service never sees that. */
function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const hop = hopByHop(headers.connection)
  if (hop === undefined) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.has(name)))
}

const unreadableQuery: FieldFault = { in: 'query', path: '', message: 'cannot be read' }

/** Undefined: it is no UTF-8 that is encoded rightly, which some readers repair, some take as it is, and some refuse. */
function queryOf({ url = '' }: IncomingMessage): Query | undefined {
  const mark = url.indexOf('?')
  const query = mark === -1 ? '' : url.slice(mark + 1)
  return isDecodable(query) ? new Query(query) : undefined
}

/** As they were sent: routing has found them to be in right encoding. */
function segmentsOf({ url = '' }: IncomingMessage): readonly string[] {
  return (url.split('?', 1)[0] ?? '').split('/')
}

function isDecodable(text: string): boolean {
  if (!text.includes('%')) return true
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
