import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { DataPaths } from '../paths.ts'
import { quoted } from './files.ts'

/** All of others, and writing for the group. It may read: that is how Kubernetes hands a secret to an unprivileged user (`fsGroup`). */
const tooMuch = 0o027

/**
 * Which keys and passwords of the data folder others may read or change: a backup that was put back, or a copy from another
 * machine, often brings them with the modes of that. It is no reason not to start: a mounted secret has the modes of who mounts it.
 * @returns what to warn of, with the command that mends it; undefined when nobody else may.
 */
export function openSecrets(paths: DataPaths): string | undefined {
  const open = secretFiles(paths).filter(isOpen)
  if (open.length === 0) return undefined
  const names = open.map((file) => relative(paths.dir, file)).join(', ')
  const mend = `chmod 600 ${open.map(quoted).join(' ')}`
  return `others may read or change ${names} in ${paths.dir}; replace what somebody may have read, and: ${mend}`
}

function secretFiles(paths: DataPaths): readonly string[] {
  return [
    paths.masterKey,
    paths.credentials,
    paths.gatewayClientKey,
    paths.cliClientKey,
    paths.demoMachineKey,
    ...keysIn(paths.certs),
  ]
}

function keysIn(certsDir: string): readonly string[] {
  try {
    const names = readdirSync(certsDir).filter((name) => name.endsWith('.key'))
    return names.toSorted().map((name) => join(certsDir, name))
  } catch {
    // None yet; or not for this user, and then they are not read here.
    return []
  }
}

function isOpen(file: string): boolean {
  // There a mode says nothing.
  if (process.platform === 'win32') return false
  try {
    return (statSync(file).mode & tooMuch) !== 0
  } catch {
    // What is missing is said by whoever needs it.
    return false
  }
}
