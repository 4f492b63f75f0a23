import { setTimeout as sleep } from 'node:timers/promises'
import { authorityInUse, authorityPatienceMs, tryHoldAuthority } from '../prepare/authority-lock.ts'
import { openAuthority } from './folder.ts'

const againMs = 20

/** @returns releases it; undefined when another process, or another call of this one, changes what is in the folder. */
export function tryHold(certsDir: string): (() => void) | undefined {
  // Before the lock, which would make the folder's file where there is no CA.
  openAuthority(certsDir)
  return tryHoldAuthority(certsDir)
}

/**
 * Does what reads the CA and then writes: a CA that is replaced in between would have issued what nobody takes, and of two
 * who note what they have replaced one would be forgotten.
 * @throws StartError where there is no CA, or somebody else is at it for too long.
 */
export async function whileHeld<T>(certsDir: string, change: () => Promise<T>): Promise<T> {
  const release = await hold(certsDir)
  try {
    return await change()
  } finally {
    release()
  }
}

async function hold(certsDir: string): Promise<() => void> {
  for (const until = performance.now() + authorityPatienceMs; ; await sleep(againMs)) {
    const release = tryHold(certsDir)
    if (release !== undefined) return release
    if (performance.now() > until) throw authorityInUse(certsDir)
  }
}
