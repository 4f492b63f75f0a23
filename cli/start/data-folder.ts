import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '@gatehouse/kit/errors'
import type { DataPaths } from '@gatehouse/kit/paths'
import { folderFault, makeFolder } from '@gatehouse/kit/prepare/files'

/** Makes the data folder (0700) and its logs folder, and fails with one clear line when it cannot be written. */
export function openDataFolder(paths: DataPaths): void {
  const probe = join(paths.dir, `.writable-${process.pid}`)
  try {
    makeFolder(paths.dir)
    makeFolder(paths.logs)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (cause) {
    const fault = folderFault(cause, paths.dir)
    if (fault instanceof StartError) throw fault
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new StartError(`cannot write to the data folder ${paths.dir} (${code})`, {
      hint: 'Give this user write access to it, or name another folder with GATEHOUSE_DATA.',
      cause,
    })
  }
}
