import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** argon2id with 19 MiB, two passes, one lane: OWASP's first choice, 7.5 ms here. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const randomPasswordBytes = 15
/** Longer ones are cut by nobody: they are refused. */
export const maxPasswordLength = 256

export function hashPassword(password: string): Promise<string> {
  return hash(prepare(password), cost)
}

export function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, prepare(password))
}

/** 120 random bits in 20 characters that can be copied with a double click. */
export function randomPassword(): string {
  return randomBytes(randomPasswordBytes).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y')
}

/** The same characters typed on another keyboard give the same bytes (RFC 8265 section 4.2). */
function prepare(password: string): string {
  return password.normalize('NFC')
}
