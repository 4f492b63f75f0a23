import { statSync, type BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'

/** What tells a file from one that took its place, or from itself with other contents. */
export async function fileSignature(file: string): Promise<string> {
  try {
    return signature(await stat(file, { bigint: true }))
  } catch (error) {
    return absence(error)
  }
}

/** The same at once. */
export function fileSignatureNow(file: string): string {
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
