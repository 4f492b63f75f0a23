import { hash } from 'node:crypto'

/**
 * What an id that can be presented (token, code, cookie) rests as. Ids are 256 random bits, so a plain hash
 * cannot be turned back by trying.
 */
export function idHash(id: string): string {
  return hash('sha256', id, 'base64url')
}
