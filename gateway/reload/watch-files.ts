import { fileSignature } from '@gatehouse/kit/file-signature'

export interface WatchOptions {
  /** Asked at each look. */
  readonly files: () => readonly string[]
  /** Their signatures when they were read: what changed since is a change. */
  readonly read: readonly string[]
  /** Between two looks; a change is told after one to two of them. */
  readonly everyMs: number
  readonly changed: () => void
}

/**
 * Calls when one of some files has changed and all are at rest again: one that is still being written is not half read. It looks
 * instead of listening, because editors and Kubernetes replace files, or the folder they are in, and a listener would
 * go on to listen to the old one.
 * @returns stops it.
 */
export function watchFiles({ files, read, everyMs, changed }: WatchOptions): () => void {
  let told = read.join(' ')
  let last: string | undefined
  let isStopped = false
  const look = async (): Promise<void> => {
    const now = (await Promise.all(files().map(fileSignature))).join(' ')
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
