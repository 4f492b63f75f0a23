import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'

/** All of a request's body, or why it cannot be had. */
export function readBody(
  request: IncomingMessage,
  limits: { readonly bytes: number; readonly timeoutMs: number },
): Promise<Buffer | Problem> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const finish = (result: Buffer | Problem): void => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      if (result instanceof Problem) request.pause()
      resolve(result)
    }
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > limits.bytes) finish(new Problem('body_too_large'))
      else chunks.push(chunk)
    }
    const onEnd = (): void => finish(Buffer.concat(chunks, bytes))
    // Nobody is there to be answered.
    const onClose = (): void => finish(new Problem('invalid_request'))
    const timer = setTimeout(() => finish(new Problem('request_timeout')), limits.timeoutMs)
    request.on('error', onClose)
    request.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}
