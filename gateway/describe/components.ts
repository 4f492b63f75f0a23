import type { Path } from '@gatehouse/kit/config/path'
import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'
import { modernSchemas } from '../contract/json-schema.ts'

type Json = Readonly<Record<string, unknown>>

/** Names of their own stand in here, and no keywords. */
const named: ReadonlySet<unknown> = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas'])
/** Copied as they are. */
const data: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'enum', 'const'])

/** The schemas of several documents in one: only those that something refers to, each under a name of its own. */
export class Components {
  readonly schemas: Record<string, unknown> = {}
  readonly #names = new Map<OpenApiDocument, Map<string, string>>()

  /** A copy of the schema at this place, in the words of OpenAPI 3.1. */
  schema(document: OpenApiDocument, path: Path): unknown {
    return this.#copy(document, modernSchemas(document, document.at(path)), undefined)
  }

  #copy(document: OpenApiDocument, value: unknown, key: string | undefined): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#copy(document, item, undefined))
    if (!isRecord(value)) return value
    const entries = Object.entries(value)
      .filter(([name]) => named.has(key) || !name.startsWith('x-'))
      .map(
        ([name, inner]) => [name, this.#member(document, { name, inner, isNamed: named.has(key) })] as const,
      )
    return Object.fromEntries(entries)
  }

  #member(
    document: OpenApiDocument,
    { name, inner, isNamed }: { readonly name: string; readonly inner: unknown; readonly isNamed: boolean },
  ): unknown {
    if (isNamed) return this.#copy(document, inner, undefined)
    if (name === '$ref' && typeof inner === 'string') return this.#reference(document, inner)
    if (name === 'discriminator' && isRecord(inner) && isRecord(inner['mapping']))
      return { ...inner, mapping: this.#mapping(document, inner['mapping']) }
    return data.has(name) ? inner : this.#copy(document, inner, name)
  }

  /** Names of schemas, or references to them (OpenAPI 3.1 section 4.8.25); what leads nowhere is left out. */
  #mapping(document: OpenApiDocument, mapping: Json): Json {
    const known = Object.entries(mapping).flatMap(([value, to]) => {
      const byName = `#/components/schemas/${String(to)}`
      const ref = [byName, String(to)].find((one) => isThere(document, one))
      return ref === undefined ? [] : [[value, this.#reference(document, ref)] as const]
    })
    return Object.fromEntries(known)
  }

  #reference(document: OpenApiDocument, ref: string): string {
    const names = this.#names.get(document) ?? new Map<string, string>()
    this.#names.set(document, names)
    const known = names.get(ref)
    if (known !== undefined) return `#/components/schemas/${known}`
    const path = document.target(ref, [])
    const name = this.#free(String(path.at(-1)).replaceAll(/[^A-Za-z0-9._-]/g, '_'))
    names.set(ref, name)
    // Before it is copied: it may refer to itself.
    this.schemas[name] = {}
    this.schemas[name] = this.schema(document, path)
    return `#/components/schemas/${name}`
  }

  #free(wanted: string): string {
    let name = wanted
    for (let number = 2; Object.hasOwn(this.schemas, name) || name === 'Problem'; number++)
      name = `${wanted}${number}`
    return name
  }
}

function isThere(document: OpenApiDocument, ref: string): boolean {
  try {
    document.target(ref, [])
    return true
  } catch {
    return false
  }
}

/** As much of a description as callers get to see of it. */
export function textOf(value: unknown, key: string): Json {
  const text = isRecord(value) ? value[key] : undefined
  return typeof text === 'string' ? { [key]: text } : {}
}
