import type { Pool } from '@gatehouse/kit/http/undici'

export interface Taken {
  readonly body: Buffer
  /** Why it did not come to its end. */
  readonly error?: Error
}

/** One answer, of which nothing is wanted for a while after each piece: `pauseMs` is told how many there were; 0: it goes on. */
export function takeSlowly(pool: Pool, pauseMs: (pieces: number) => number): Promise<Taken> {
  const { promise, resolve } = Promise.withResolvers<Taken>()
  const chunks: Buffer[] = []
  let goOn: (() => void) | undefined
  pool.dispatch(
    { method: 'GET', path: '/' },
    {
      onConnect: () => undefined,
      onHeaders: (_status, _headers, resume) => {
        goOn = resume
        return true
      },
      onData: (chunk) => {
        const pause = pauseMs(chunks.length)
        chunks.push(chunk)
        // When it goes on, undici asks once with nothing.
        if (chunk.length === 0 || pause === 0) return true
        setTimeout(() => goOn?.(), pause)
        return false
      },
      onComplete: () => resolve({ body: Buffer.concat(chunks) }),
      onError: (error) => resolve({ body: Buffer.concat(chunks), error }),
    },
  )
  return promise
}
