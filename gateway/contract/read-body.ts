import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'

/** Of a caller that has left: nobody is there to be answered. */
const left = (): Problem => new Problem('invalid_request')

/** All of a request's body, or why it cannot be had. */
export function readBody(
  request: IncomingMessage,
  limits: { readonly bytes: number; readonly timeoutMs: number },
): Promise<Buffer | Problem> {
  if (request.destroyed) return Promise.resolve(left())
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
    const onClose = (): void => finish(left())
    const timer = setTimeout(() => finish(new Problem('request_timeout')), limits.timeoutMs)
    request.on('error', onClose)
    request.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}

/**
 * Whether a body of unstated length has any bytes, or why that cannot be told. Nothing is taken from it. Who waits to be asked
 * for it is not asked yet, and has one.
 */
export function isEmpty(request: IncomingMessage, timeoutMs: number): Promise<boolean | Problem> {
  if (request.destroyed) return Promise.resolve(left())
  if (request.headers.expect !== undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    const finish = (result: boolean | Problem): void => {
      clearTimeout(timer)
      request.off('readable', onReadable).off('end', onEnd).off('close', onClose)
      resolve(result)
    }
    // Said when there is something, and also when there will be nothing.
    const onReadable = (): void => finish(request.readableLength === 0)
    const onEnd = (): void => finish(true)
    const onClose = (): void => finish(left())
    const timer = setTimeout(() => finish(new Problem('request_timeout')), timeoutMs)
    request.on('error', onClose)
    request.on('readable', onReadable).on('end', onEnd).on('close', onClose)
  })
}
