import { statSync, type BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'

/**
 * Calls when one of some files has changed and all are at rest again: one that is still being written is not half read. It looks
 * instead of listening, because editors and Kubernetes replace files, or the folder they are in, and a listener would
 * go on to listen to the old one.
 * @param files asked at each look.
 * @param everyMs between two looks; a change is told after one to two of them.
 * @returns stops it.
 */
export function watchFiles(files: () => readonly string[], everyMs: number, changed: () => void): () => void {
  // At once: what changes while the first look is under way is a change.
  let told = files().map(signatureNow).join(' ')
  let last: string | undefined
  let isStopped = false
  const look = async (): Promise<void> => {
    const now = (await Promise.all(files().map(signatureOf))).join(' ')
    if (isStopped) return
    if (now === last && now !== told) {
      told = now
      changed()
    }
    last = now
  }
  void look()
  const timer = setInterval(() => void look(), everyMs).unref()
  return () => {
    isStopped = true
    clearInterval(timer)
  }
}

async function signatureOf(file: string): Promise<string> {
  try {
    return signature(await stat(file, { bigint: true }))
  } catch (error) {
    return absence(error)
  }
}

function signatureNow(file: string): string {
  try {
    return signature(statSync(file, { bigint: true }))
  } catch (error) {
    return absence(error)
  }
}

function signature({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join()
}

/** A file that is not there is one that changed, and will not load. */
function absence(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
