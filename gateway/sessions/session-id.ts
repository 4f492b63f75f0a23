import { hash, randomBytes } from 'node:crypto'

const shape = /^[\w-]{43}$/

/** 256 random bits: the value of the session cookie, known to the browser alone. */
export function newSessionId(): string {
  return randomBytes(32).toString('base64url')
}

export function isSessionId(text: string): boolean {
  return shape.test(text)
}

/** What stands for a session everywhere but in the cookie: store, caches, logs. */
export function sessionKey(sessionId: string): string {
  return hash('sha256', sessionId, 'base64url')
}
