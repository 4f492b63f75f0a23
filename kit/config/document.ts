import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Pair } from 'yaml'
import type { ConfigFault } from './fault.ts'
import { interpolate, type Surroundings } from './interpolate.ts'
import { showPath, type Path } from './path.ts'

/** A YAML file as plain values, with the place of each of them. */
export interface ConfigDocument {
  readonly value: unknown
  /** Notes a fault at the value with this path, or at its nearest parent that is written in the file. */
  fault(path: Path, message: string, place?: 'key' | 'value'): void
  /** The value as it is written, without what `${…}` refers to, shortened. */
  written(path: Path): string
  readonly faults: readonly ConfigFault[]
}

const maxDepth = 30
const maxNodes = 200_000

/** Parses the text and follows its `${…}` references. Faults of the YAML itself are already noted. */
export function readDocument(file: string, text: string, surroundings: Surroundings): ConfigDocument {
  return new YamlDocument(file, text, surroundings)
}

class YamlDocument implements ConfigDocument {
  readonly value: unknown
  readonly faults: ConfigFault[] = []
  readonly #file: string
  readonly #text: string
  readonly #surroundings: Surroundings
  readonly #lines = new LineCounter()
  readonly #document: Document
  readonly #keys = new Map<string, number>()
  readonly #values = new Map<string, readonly [number, number]>()
  /** Values whose reference could not be followed: what else is wrong with them would be noise. */
  readonly #broken = new Set<string>()
  #nodes = 0

  constructor(file: string, text: string, surroundings: Surroundings) {
    this.#file = file
    this.#text = text
    this.#surroundings = surroundings
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    this.#document = document
    for (const problem of [...document.errors, ...document.warnings]) {
      this.#note(problem.pos[0], [], problem.message)
    }
    this.value = document.errors.length > 0 ? undefined : this.#plain(document.contents, [])
  }

  fault(path: Path, message: string, place: 'key' | 'value' = 'value'): void {
    if (this.#broken.has(JSON.stringify(path))) return
    this.#note(this.#offsetOf(path, place), path, message)
  }

  written(path: Path): string {
    const range = this.#values.get(JSON.stringify(path))
    const text =
      range === undefined ? '' : this.#text.slice(range[0], range[1]).replaceAll(/\s+/g, ' ').trim()
    if (text === '') return 'nothing'
    return text.length > 60 ? `${text.slice(0, 57)}...` : text
  }

  #offsetOf(path: Path, place: 'key' | 'value'): number {
    const name = JSON.stringify(path)
    const key = this.#keys.get(name)
    const value = this.#values.get(name)?.[0]
    const offset = place === 'key' ? (key ?? value) : (value ?? key)
    if (offset !== undefined) return offset
    return path.length === 0 ? 0 : this.#offsetOf(path.slice(0, -1), 'value')
  }

  #note(offset: number, path: Path, message: string): void {
    const { line, col } = this.#lines.linePos(offset)
    this.faults.push({
      file: this.#file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: showPath(path),
      message,
    })
  }

  #plain(node: unknown, path: Path): unknown {
    this.#nodes += 1
    if (path.length > maxDepth || this.#nodes > maxNodes) {
      if (this.#nodes <= maxNodes + 1)
        this.fault(path.slice(0, 3), 'is nested too deeply or refers to too much')
      return undefined
    }
    if (isAlias(node)) return this.#plain(node.resolve(this.#document), path)
    if (isMap(node)) {
      this.#remember(path, node.range)
      return Object.fromEntries(node.items.flatMap((pair) => this.#entry(pair, path)))
    }
    if (isSeq(node)) {
      this.#remember(path, node.range)
      return node.items.map((item, index) => this.#plain(item, [...path, index]))
    }
    if (!isScalar(node)) return undefined
    this.#remember(path, node.range)
    return typeof node.value === 'string' ? this.#scalar(node.value, path) : node.value
  }

  #entry(pair: Pair, path: Path): readonly (readonly [string, unknown])[] {
    const { key } = pair
    if (!isScalar(key) || (typeof key.value !== 'string' && typeof key.value !== 'number')) {
      this.fault(path, 'has a key that is no plain word')
      return []
    }
    const name = String(key.value)
    const inner = [...path, name]
    if (key.range) this.#keys.set(JSON.stringify(inner), key.range[0])
    return [[name, this.#plain(pair.value, inner)]]
  }

  #scalar(text: string, path: Path): string | number {
    if (!text.includes('${')) return text
    const messages: string[] = []
    const result = interpolate(text, this.#surroundings, (message) => messages.push(message))
    for (const message of messages) this.fault(path, message)
    if (messages.length > 0) this.#broken.add(JSON.stringify(path))
    return result
  }

  #remember(path: Path, range: readonly [number, number, number] | null | undefined): void {
    if (range) this.#values.set(JSON.stringify(path), [range[0], range[1]])
  }
}
