import { readlinkSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { verifySync } from '@node-rs/argon2'
import type { PasswordCheck } from './check.ts'

// Checks passwords, one at a time, for idle-thread.ts. The first message is the thread's own id, the others are answers.

function right({ passwordHash, password }: PasswordCheck): boolean | undefined {
  try {
    return verifySync(passwordHash, password)
  } catch {
    // Whoever asked does it again elsewhere, and sees what is wrong.
    return undefined
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.on('message', (check: PasswordCheck) => parentPort?.postMessage(right(check)))
// <pid>/task/<tid>
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(readlinkSync('/proc/thread-self').split('/').at(-1))
