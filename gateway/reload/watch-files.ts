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
  let told: string | undefined
  let last: string | undefined
  let isStopped = false
  const look = async (): Promise<void> => {
    const now = (await Promise.all(files().map(signatureOf))).join(' ')
    if (isStopped) return
    told ??= now
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

/** A file that is not there is one that changed, and will not load. */
async function signatureOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs].join()
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
  }
}
