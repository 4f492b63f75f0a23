import { incoming, type Caller } from './caller.ts'

/**
 * A signal that aborts when the connection of the request is gone: nobody will read what is being done. Ask `forget`
 * when it is done, or every request of a long connection leaves a listener behind.
 */
export function untilCallerLeaves(
  caller: Caller,
): { readonly signal: AbortSignal; forget(): void } | undefined {
  const socket = caller[incoming]?.socket
  if (socket === undefined) return undefined
  if (socket.destroyed) return { signal: AbortSignal.abort(), forget: () => undefined }
  const controller = new AbortController()
  const leave = (): void => controller.abort()
  socket.once('close', leave)
  return { signal: controller.signal, forget: () => void socket.off('close', leave) }
}
