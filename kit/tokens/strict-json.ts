/** A JSON object whose members have not been looked at yet. */
export type UnknownRecord = Readonly<Record<string, unknown>>

const maxDepth = 16
/** `ignoreBOM` keeps the mark in the text, where JSON.parse refuses it. To make one costs as much as to use it. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads one JSON object as RFC 7515 section 4 and RFC 7519 section 4 ask: UTF-8 without a byte order mark, no name
 * twice in one object at any depth. `JSON.parse` takes the last of two equal names, other readers the first, and
 * a token must not mean two things.
 * @returns undefined for anything else.
 */
export function parseStrictObject(bytes: Uint8Array): UnknownRecord | undefined {
  try {
    const text = utf8.decode(bytes)
    const value: unknown = JSON.parse(text)
    return isRecord(value) && hasUniqueNames(text, value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether no object in a text names a member twice, nor nests deeper than `deepest`. Of equal names `JSON.parse` keeps one,
 * so then the text has more colons outside of strings than the value has members.
 * @param validJson what was parsed; @param value what `JSON.parse` made of it.
 */
export function hasUniqueNames(validJson: string, value: unknown, deepest = maxDepth): boolean {
  return membersOf(value, deepest) === colonsIn(validJson)
}

/** Members of all objects in it; NaN when it nests too deep. */
function membersOf(value: unknown, deepest: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (deepest === 0) return Number.NaN
  const isArray = Array.isArray(value)
  const inside: readonly unknown[] = isArray ? value : Object.values(value)
  let members = isArray ? 0 : inside.length
  for (const part of inside) members += membersOf(part, deepest - 1)
  return members
}

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a

/** Outside of strings, where each stands behind a name. */
function colonsIn(validJson: string): number {
  let colons = 0
  let isInString = false
  for (let at = 0; at < validJson.length; at++) {
    const unit = validJson.charCodeAt(at)
    if (unit === quote) isInString = !isInString
    else if (unit === backslash) at++
    else if (unit === colon && !isInString) colons++
  }
  return colons
}
