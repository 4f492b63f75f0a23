import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { CertifiedKey } from '../mtls/ca.ts'
import { publicMode, readIfThere, replaceFile, secretMode } from './files.ts'

/** A certificate in whose place there is another, while it is valid all the same. */
export interface Replaced {
  readonly name: string
  /** Hexadecimal. */
  readonly serial: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
}

/** They are written down because their files are gone when somebody wants to revoke them. */
export const replacedFile = 'replaced.txt'

/**
 * The key first: a crash, or a reader, between the two finds a certificate that does not fit and waits for the other, or
 * makes both anew.
 */
export function writePair(certsDir: string, name: string, made: CertifiedKey): void {
  replaceFile(join(certsDir, `${name}.key`), made.keyPem, secretMode)
  replaceFile(join(certsDir, `${name}.pem`), made.certPem, publicMode)
}

/** The same for a workload, which may have had a certificate. @param now milliseconds since the epoch */
export function replacePair(certsDir: string, name: string, made: CertifiedKey, now: number): void {
  const present = presentIn(certsDir, name)
  if (present !== undefined) writeReplaced(certsDir, [...replacedIn(certsDir), present], now)
  writePair(certsDir, name, made)
}

export function replacedIn(certsDir: string): readonly Replaced[] {
  const lines = (readIfThere(join(certsDir, replacedFile)) ?? '').split('\n')
  return lines.flatMap((line) => {
    const [, name, serial, until] = /^(\S+) ([0-9A-F]+) (\S+)$/.exec(line) ?? []
    if (name === undefined || serial === undefined || until === undefined) return []
    return [{ name, serial, notAfter: Date.parse(until) }]
  })
}

/** Those that are still valid. */
export function writeReplaced(certsDir: string, all: readonly Replaced[], now: number): void {
  const lines = all
    .filter(({ notAfter }) => notAfter > now)
    .map(({ name, serial, notAfter }) => `${name} ${serial} ${new Date(notAfter).toISOString()}\n`)
  replaceFile(join(certsDir, replacedFile), [...new Set(lines)].join(''), publicMode)
}

function presentIn(certsDir: string, name: string): Replaced | undefined {
  try {
    const { serialNumber: serial, validToDate } = new X509Certificate(
      readIfThere(join(certsDir, `${name}.pem`)) ?? '',
    )
    return { name, serial, notAfter: validToDate.getTime() }
  } catch {
    // There is none, or nothing that anybody would take for one.
    return undefined
  }
}
