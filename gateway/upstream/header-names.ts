interface Known {
  readonly name: string
  readonly codes: Uint8Array
}

const none: readonly Known[] = []
const caseBit = 0x20
const [a, z] = [0x61, 0x7a]

/** Names of headers, found by the bytes that spell them in whichever case: no text is made of those that nobody wants. */
export class HeaderNames {
  readonly #byLength: (Known[] | undefined)[] = []

  /** @param names in lower case. */
  constructor(names: Iterable<string>) {
    for (const name of new Set(names)) {
      const of = (this.#byLength[name.length] ??= [])
      of.push({ name, codes: Buffer.from(name, 'latin1') })
    }
  }

  /** The name in lower case; undefined for one that is not among them. */
  find(bytes: Uint8Array): string | undefined {
    for (const { name, codes } of this.#byLength[bytes.length] ?? none) if (spells(bytes, codes)) return name
    return undefined
  }
}

function spells(bytes: Uint8Array, codes: Uint8Array): boolean {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    const byte = bytes[at]
    if (byte === code) continue
    const isLetter = code >= a && code <= z
    if (!isLetter || byte !== code - caseBit) return false
  }
  return true
}
