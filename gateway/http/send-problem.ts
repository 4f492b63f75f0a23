import type { IncomingMessage, ServerResponse } from 'node:http'
import { problemJson, problemMediaType, type Problem } from '@gatehouse/kit/errors'

import { withMetadata } from './resource-metadata.ts'

/** A request body up to this length that nobody reads is drained, so that the connection can be used again. */
const drainBytes = 64 * 1024
/** RFC 9110 section 15.5.9: with it the connection ends. */
const tooSlow = 408

/**
 * Answers with problem details on the raw response.
 * @param ownHeaders flat: name, value, name, value.
 * @returns bytes of the body
 */
export function sendProblem(
  exchange: {
    readonly request: IncomingMessage
    readonly response: ServerResponse
    readonly txn: string
    readonly metadataUrl?: string | undefined
  },
  problem: Problem,
  ownHeaders: readonly string[],
): number {
  const { request, response, txn } = exchange
  const body = problemJson(problem, txn)
  const length = Buffer.byteLength(body)
  const headers = [...ownHeaders, 'cache-control', 'no-store', 'content-type', problemMediaType]
  headers.push('content-length', String(length))
  for (const [name, value] of Object.entries(problem.headers)) {
    headers.push(
      name,
      name === 'www-authenticate' && problem.status === 401
        ? withMetadata(value, exchange.metadataUrl)
        : value,
    )
  }
  if (mustClose(request, problem)) headers.push('connection', 'close')
  response.writeHead(problem.status, headers)
  response.end(body)
  return request.method === 'HEAD' ? 0 : length
}

/** The connection is of more than this request in HTTP/2, where Node warns of the header on stderr. */
function mustClose(request: IncomingMessage, { status }: Problem): boolean {
  if (request.httpVersionMajor !== 1) return false
  // Whoever was too slow is not waited for once more, to drain what still comes.
  return status === tooSlow || isLongUpload(request) || request.headers.upgrade !== undefined
}

function isLongUpload(request: IncomingMessage): boolean {
  if (request.complete) return false
  const { expect, 'content-length': length, 'transfer-encoding': encoding } = request.headers
  // Whoever waited to be asked for the body may keep it now, or not.
  return expect !== undefined || encoding !== undefined || Number(length ?? 0) > drainBytes
}
