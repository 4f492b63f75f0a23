import { hasUniqueNames } from '@gatehouse/kit/tokens/strict-json'
import { Problem } from '@gatehouse/kit/errors'

/** Deeper ones overflow somebody's stack, and nobody writes them by hand. */
const deepest = 64

/** The value of a JSON body: UTF-8 without a byte order mark, and as `readJsonText` wants it. */
export function readJson(bytes: Buffer): { readonly value: unknown } | Problem {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return readJsonText(text) ?? new Problem('malformed_json')
  } catch {
    return new Problem('malformed_json')
  }
}

/**
 * The value of a text in JSON with no name twice in an object, because readers differ in which of two they take, and what
 * was checked must be what the service reads.
 * @returns undefined for anything else.
 */
export function readJsonText(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return hasUniqueNames(text, value, deepest) ? { value } : undefined
  } catch {
    return undefined
  }
}
