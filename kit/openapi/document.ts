import { isMap, isNode, LineCounter, parseDocument } from 'yaml'
import { StartError } from '../errors.ts'
import type { Path } from '../config/path.ts'
import { isRecord, type UnknownRecord } from '../tokens/strict-json.ts'

/** References that lead to references, at most. */
const longestChain = 16

/** An OpenAPI document cannot be used; the message begins with file, line and column. */
export class OpenApiError extends StartError {
  override readonly name = 'OpenApiError'

  constructor(place: string, message: string, cause?: unknown) {
    super(`${place} ${message}`, {
      hint: "correct the OpenAPI document, or take 'contract' off the route",
      cause,
    })
  }
}

/** Something in a document, and where it is. */
export interface Found {
  readonly path: Path
  readonly value: unknown
}

/** An OpenAPI document (3.0 or 3.1) in JSON or YAML, whose faults have a line and a column. */
export class OpenApiDocument {
  readonly file: string
  readonly value: UnknownRecord
  readonly version: '3.0' | '3.1'
  readonly #text: string

  /** @throws OpenApiError for what is neither JSON nor YAML, or no OpenAPI of these versions. */
  constructor(file: string, text: string) {
    this.file = file
    this.#text = text
    const value = this.#parse()
    if (!isRecord(value)) throw this.fault([], 'is no OpenAPI document')
    this.value = value
    const version = /^3\.[01](?=\.)/.exec(String(value['openapi']))?.[0]
    if (version !== '3.0' && version !== '3.1')
      throw this.fault(['openapi'], 'is not version 3.0 or 3.1 of OpenAPI')
    this.version = version
  }

  /** A fault at the value with this path, or at its nearest parent that is written. */
  fault(path: Path, message: string, cause?: unknown): OpenApiError {
    const lines = new LineCounter()
    const document = parseDocument(this.#text, { lineCounter: lines, prettyErrors: false })
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true)
      const offset = keyOffset(document.getIn(path.slice(0, length - 1), true), path[length - 1], length)
      const start = offset ?? (isNode(node) ? node.range?.[0] : undefined)
      if (start !== undefined) return this.#error(lines.linePos(start), message, cause)
    }
    return this.#error({ line: 1, col: 1 }, message, cause)
  }

  at(path: Path): unknown {
    return path.reduce<unknown>((value, step) => {
      if (Array.isArray(value)) return value[Number(step)]
      return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined
    }, this.value)
  }

  /** Follows `$ref` to what it stands for. @throws OpenApiError for one that leads nowhere, or out of the document. */
  resolve(path: Path): Found {
    let at = path
    for (let step = 0; step < longestChain; step++) {
      const value = this.at(at)
      const ref = isRecord(value) ? value['$ref'] : undefined
      if (typeof ref !== 'string') return { path: at, value }
      at = this.target(ref, at)
    }
    throw this.fault(path, 'refers to itself')
  }

  /** Where a `$ref` leads. @throws OpenApiError */
  target(ref: string, from: Path): Path {
    if (!ref.startsWith('#/'))
      throw this.fault(from, `'$ref' leads out of the document; only '#/…' is followed`)
    const path = ref.slice(2).split('/').map(pointerStep)
    if (this.at(path) === undefined) throw this.fault(from, `'$ref' leads nowhere: ${ref.slice(0, 100)}`)
    return path
  }

  #parse(): unknown {
    try {
      return JSON.parse(this.#text)
    } catch {
      return this.#parseYaml()
    }
  }

  #parseYaml(): unknown {
    const lines = new LineCounter()
    const document = parseDocument(this.#text, { lineCounter: lines, prettyErrors: false })
    const [first] = document.errors
    if (first !== undefined) throw this.#error(lines.linePos(first.pos[0]), first.message, first)
    // Through JSON, so that nothing is in two places at once and nothing is no JSON.
    return JSON.parse(JSON.stringify(document.toJS()) ?? 'null')
  }

  #error({ line, col }: { readonly line: number; readonly col: number }, message: string, cause: unknown) {
    return new OpenApiError(`${this.file}:${Math.max(1, line)}:${Math.max(1, col)}`, message, cause)
  }
}

function keyOffset(parent: unknown, key: unknown, depth: number): number | undefined {
  if (depth === 0 || !isMap(parent)) return undefined
  const pair = parent.items.find((item) => isNode(item.key) && String(item.key) === String(key))
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined
}

/** RFC 6901 section 4, as a fragment (section 6). */
function pointerStep(step: string): string {
  const text = step.includes('%') && URL.canParse(`x:${step}`) ? decoded(step) : step
  return text.replaceAll('~1', '/').replaceAll('~0', '~')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
