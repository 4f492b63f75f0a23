import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const maxBytes = 4 * 1024 * 1024

/** OpenAPI documents that a configuration names, each read once so that what was checked is what runs. */
export class ContractFiles {
  readonly #baseDir: string
  readonly #texts = new Map<string, string | Error>()

  constructor(baseDir: string) {
    this.#baseDir = baseDir
  }

  /** @returns why it cannot be read, as an error without a stack worth showing. */
  read(name: string): { readonly file: string; readonly text: string | Error } {
    const file = resolve(this.#baseDir, name)
    const text = this.#texts.get(file) ?? readText(file)
    this.#texts.set(file, text)
    return { file, text }
  }
}

function readText(file: string): string | Error {
  try {
    const text = readFileSync(file, 'utf8')
    return text.length <= maxBytes ? text : new Error(`${file} is larger than ${maxBytes / 1024 ** 2} MiB`)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable'
    return new Error(`${file} cannot be read (${code})`, { cause })
  }
}
