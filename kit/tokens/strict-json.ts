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
    return isRecord(value) && hasUniqueNames(text) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether no object in a text names a member twice, nor nests deeper than `deepest`. The text must be valid JSON: then a
 * string is a name exactly when it is the first thing in an object or follows a comma there.
 */
export function hasUniqueNames(validJson: string, deepest = maxDepth): boolean {
  // One entry for each open bracket: the names seen so far, or undefined in an array.
  const open: (Set<string> | undefined)[] = []
  let nameIsNext = false
  for (let at = 0; at < validJson.length; at++) {
    switch (validJson[at]) {
      case '{':
      case '[': {
        const isObject = validJson[at] === '{'
        if (open.push(isObject ? new Set() : undefined) > deepest) return false
        nameIsNext = isObject
        break
      }
      case '}':
      case ']':
        open.pop()
        nameIsNext = false
        break
      case ',':
        nameIsNext = open.at(-1) !== undefined
        break
      case '"': {
        const end = endOfString(validJson, at)
        if (nameIsNext && !addName(open.at(-1), validJson.slice(at, end))) return false
        nameIsNext = false
        at = end - 1
        break
      }
    }
  }
  return true
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function addName(names: Set<string> | undefined, quoted: string): boolean {
  // `"\u0069ss"` is `"iss"`.
  const name = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
  if (names === undefined || names.has(name)) return false
  names.add(name)
  return true
}
