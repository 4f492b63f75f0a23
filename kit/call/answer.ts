import type { Dispatcher } from 'undici'
import type { CallAnswer } from './request.ts'
import { CallError, type CallErrorCode } from './error.ts'

/**
 * Reads what a service answered, to its end.
 * @throws CallError for answers that are nobody's business, and for what is not JSON.
 */
export async function readAnswer(
  answer: Dispatcher.ResponseData,
  to: string,
  maxBytes: number,
): Promise<CallAnswer> {
  const status = answer.statusCode
  const code = refusalOf(status)
  if (code !== undefined) {
    // Read to its end when it is short, so that the connection can be used again.
    await answer.body.dump({ limit: 16 * 1024 })
    throw new CallError(code, to, { status })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer.body) {
    const part: unknown = chunk
    if (!Buffer.isBuffer(part)) throw new CallError('bad_answer', to, { status })
    bytes += part.length
    // Leaving the loop destroys the body, and with it the connection: the rest is not read.
    if (bytes > maxBytes) throw new CallError('bad_answer', to, { status })
    chunks.push(part)
  }
  if (bytes === 0) return { status, body: undefined }
  return { status, body: parseJson(answer, Buffer.concat(chunks), to) }
}

function refusalOf(status: number): CallErrorCode | undefined {
  if (status === 401 || status === 403) return 'refused'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 429 || status >= 500) return 'unavailable'
  if (status >= 300 && status < 400) return 'bad_answer'
  return undefined
}

function parseJson(answer: Dispatcher.ResponseData, bytes: Buffer, to: string): unknown {
  const type = answer.headers['content-type']
  if (typeof type !== 'string' || !/^application\/(?:[a-z0-9.-]+\+)?json(?:;|$)/i.test(type)) {
    throw new CallError('bad_answer', to, { status: answer.statusCode })
  }
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return parsed
  } catch (error) {
    throw new CallError('bad_answer', to, { status: answer.statusCode, cause: error })
  }
}
