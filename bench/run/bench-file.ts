import { join } from 'node:path'

/** @param path from the folder of the bench. */
export function benchFile(path: string): string {
  return join(import.meta.dirname, '..', path)
}
