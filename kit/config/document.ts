import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Pair,
} from 'yaml'
import { hasUniqueNames } from '../tokens/strict-json.ts'
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

/** Offsets in the text. */
interface Place {
  readonly key: number | undefined
  readonly value: readonly [number, number] | undefined
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
  #parsed: Document | undefined
  /** Values whose reference could not be followed: what else is wrong with them would be noise. */
  readonly #broken = new Set<string>()
  /** Where the reading is. */
  readonly #path: (string | number)[] = []
  #nodes = 0

  constructor(file: string, text: string, surroundings: Surroundings) {
    this.#file = file
    this.#text = text
    this.#surroundings = surroundings
    const json = plainJson(text)
    this.value = json === undefined ? this.#valueOfYaml() : this.#plainValue(json)
  }

  fault(path: Path, message: string, place: 'key' | 'value' = 'value'): void {
    if (this.#broken.has(JSON.stringify(path))) return
    this.#note(this.#offsetOf(path, place), path, message)
  }

  written(path: Path): string {
    const range = this.#placeOf(path)?.value
    const text =
      range === undefined ? '' : this.#text.slice(range[0], range[1]).replaceAll(/\s+/g, ' ').trim()
    if (text === '') return 'nothing'
    return text.length > 60 ? `${text.slice(0, 57)}...` : text
  }

  /** Of a file that is JSON read only for what is wrong with it. */
  get #document(): Document {
    const options = { lineCounter: this.#lines, prettyErrors: false }
    return (this.#parsed ??= parseDocument(this.#text, options))
  }

  #valueOfYaml(): unknown {
    const { errors, warnings, contents } = this.#document
    for (const problem of [...errors, ...warnings]) this.#note(problem.pos[0], [], problem.message)
    return errors.length > 0 ? undefined : this.#plain(contents)
  }

  #offsetOf(path: Path, place: 'key' | 'value'): number {
    const { key, value } = this.#placeOf(path) ?? {}
    const offset = place === 'key' ? (key ?? value?.[0]) : (value?.[0] ?? key)
    if (offset !== undefined) return offset
    return path.length === 0 ? 0 : this.#offsetOf(path.slice(0, -1), 'value')
  }

  /** Looked for when something is wrong there, so that a file without a fault costs no memory for it. */
  #placeOf(path: Path): Place | undefined {
    let key: unknown
    let node: unknown = this.#document.contents
    for (const step of path) {
      const inside = this.#followed(node)
      const pair = isMap(inside)
        ? inside.items.findLast((one) => nameOf(one.key) === String(step))
        : undefined
      if (pair === undefined && !(isSeq(inside) && typeof step === 'number')) return undefined
      key = pair?.key
      node = isSeq(inside) ? inside.items[Number(step)] : pair?.value
    }
    return { key: rangeOf(key)?.[0], value: rangeOf(this.#followed(node)) }
  }

  #followed(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node
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

  #plainValue(value: unknown): unknown {
    if (this.#isTooMuch()) return undefined
    if (typeof value === 'string') return this.#scalar(value)
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.#inside(index, () => this.#plainValue(item)))
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, this.#inside(name, () => this.#plainValue(inner))]),
    )
  }

  #isTooMuch(): boolean {
    this.#nodes += 1
    if (this.#path.length <= maxDepth && this.#nodes <= maxNodes) return false
    if (this.#nodes <= maxNodes + 1)
      this.fault(this.#path.slice(0, 3), 'is nested too deeply or refers to too much')
    return true
  }

  #plain(node: unknown): unknown {
    if (this.#isTooMuch()) return undefined
    if (isAlias(node)) return this.#plain(node.resolve(this.#document))
    if (isMap(node)) return Object.fromEntries(node.items.flatMap((pair) => this.#entry(pair)))
    if (isSeq(node)) return node.items.map((item, index) => this.#inside(index, () => this.#plain(item)))
    if (!isScalar(node)) return undefined
    return typeof node.value === 'string' ? this.#scalar(node.value) : node.value
  }

  #entry({ key, value }: Pair): readonly (readonly [string, unknown])[] {
    const name = nameOf(key)
    if (name !== undefined) return [[name, this.#inside(name, () => this.#plain(value))]]
    this.fault(this.#path, 'has a key that is no plain word')
    return []
  }

  #inside(step: string | number, read: () => unknown): unknown {
    this.#path.push(step)
    const value = read()
    this.#path.pop()
    return value
  }

  #scalar(text: string): string | number {
    if (!text.includes('${')) return text
    const messages: string[] = []
    const result = interpolate(text, this.#surroundings, (message) => messages.push(message))
    for (const message of messages) this.fault(this.#path, message)
    if (messages.length > 0) this.#broken.add(JSON.stringify(this.#path))
    return result
  }
}

/**
 * What a file says that is JSON, as a generated one may be: that is read in a small part of the time and memory. One that
 * says a name twice is left to YAML, which tells where.
 */
function plainJson(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return hasUniqueNames(text, value, maxDepth) ? value : undefined
  } catch {
    // A YAML mapping may begin with a brace as well.
    return undefined
  }
}

function nameOf(key: unknown): string | undefined {
  const isPlain = isScalar(key) && (typeof key.value === 'string' || typeof key.value === 'number')
  return isPlain ? String(key.value) : undefined
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  const range = isNode(node) ? node.range : undefined
  return range ? [range[0], range[1]] : undefined
}
