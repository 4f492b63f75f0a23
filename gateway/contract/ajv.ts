import { createRequire } from 'node:module'
import { isRecord, type UnknownRecord } from '@gatehouse/kit/tokens/strict-json'

type Ajv2020Module = typeof import('ajv/dist/2020.js')
type FormatsModule = typeof import('ajv-formats')
export type Ajv = InstanceType<Ajv2020Module['Ajv2020']>

const load = createRequire(import.meta.url)

/** The validator of schemas. Loaded here and not imported: most gateways start without any contract. */
export function createAjv(options: { readonly allErrors: boolean }): Ajv {
  const module: unknown = load('ajv/dist/2020.js')
  const formats: unknown = load('ajv-formats')
  if (!isAjv(module) || !isFormats(formats)) throw new TypeError('ajv is not what it was')
  // Not strict: OpenAPI has words of its own in its schemas. Nothing is changed in what is validated.
  const ajv = new module.Ajv2020({ ...options, strict: false, logger: false, validateSchema: false })
  formats.default.default(ajv)
  // The pattern of ajv-formats takes seconds for 50 kB of colons, and four times as long for twice as many.
  ajv.addFormat('url', isWebUrl)
  // Its own compares each item with each other: for 200 kB of small objects everybody would wait ten seconds.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: areUnique })
  return ajv
}

function isWebUrl(text: string): boolean {
  return /^(?:https?|ftp):\/\/\S+$/i.test(text) && URL.canParse(text)
}

function areUnique(isWanted: boolean, items: readonly unknown[]): boolean {
  return !isWanted || new Set(items.map(textOf)).size === items.length
}

/** The same for values that are equal (JSON Schema 2020-12, core section 4.2.2). */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner))
}

function sorted(object: UnknownRecord): UnknownRecord {
  return Object.fromEntries(Object.entries(object).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function isAjv(module: unknown): module is Ajv2020Module {
  return typeof module === 'function' && 'Ajv2020' in module
}

function isFormats(module: unknown): module is FormatsModule {
  return typeof module === 'function' && 'default' in module
}
