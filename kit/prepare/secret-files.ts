import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { StartError } from '../errors.ts'
import type { DataPaths } from '../paths.ts'
import { quoted } from './files.ts'

/** All of others, and writing for the group. It may read: that is how Kubernetes hands a secret to an unprivileged user (`fsGroup`). */
const tooMuch = 0o027

/**
 * Looks whether nobody else may read or change the keys and passwords of the data folder: a backup that was put back, or a copy
 * from another machine, often brings them with the modes of that.
 * @param o.warn told what is wrong, except in production.
 * @throws StartError in production
 */
export function checkSecretFiles(
  paths: DataPaths,
  o: { readonly production: boolean; readonly warn: (text: string) => void },
): void {
  const open = secretFiles(paths).filter(isOpen)
  if (open.length === 0) return
  const message = `others may read or change ${open.map((file) => relative(paths.dir, file)).join(', ')} in ${paths.dir}`
  const mend = `chmod 600 ${open.map(quoted).join(' ')}`
  if (o.production)
    throw new StartError(message, { hint: `${mend}; and replace what somebody may have read` })
  o.warn(`${message}, which production refuses: ${mend}`)
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
