import { join } from 'node:path'
import { StartError } from '../errors.ts'
import { tryLock } from './lock.ts'

/** Who issues is done within milliseconds; who replaces the CA takes seconds, and is not waited for that long. */
export const authorityPatienceMs = 2_000

/** @returns releases it; undefined when another process, or another call of this one, changes what is in the CA's folder. */
export function tryHoldAuthority(certsDir: string, patienceMs = 0): (() => void) | undefined {
  return tryLock(join(certsDir, 'rotate.lock'), patienceMs)
}

export function authorityInUse(certsDir: string): StartError {
  return new StartError(`the CA in ${certsDir} is in use by somebody else, who issues or replaces it`, {
    hint: 'try again when that is done: `certs list` then shows new dates',
  })
}
