import { hash } from 'node:crypto'
import { Problem } from '@gatehouse/kit/errors'

/** A strong validator (RFC 9110 section 8.8.3) of what is shown. */
export function etagOf(view: unknown): string {
  return `"${hash('sha256', JSON.stringify(view), 'base64url').slice(0, 22)}"`
}

/** @throws Problem `precondition_failed` when somebody has seen another state (RFC 9110 section 13.1.1) */
export function requireMatch(ifMatch: string | undefined, view: unknown): void {
  if (ifMatch === undefined || ifMatch === '*') return
  const wanted = ifMatch.split(',').map((tag) => tag.trim())
  if (!wanted.includes(etagOf(view))) throw new Problem('precondition_failed')
}
