import type { ValidateFunction } from 'ajv/dist/2020.js'
import type { Path } from '@gatehouse/kit/config/path'
import type { FieldFault } from '@gatehouse/kit/errors'
import { fieldFault, type SchemaViolation } from '@gatehouse/kit/http/validation-faults'
import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { createAjv, type Ajv } from './ajv.ts'
import { asJsonSchema } from './json-schema.ts'

/** Up to here all faults of a value are listed, beyond it the first: a list grows with what was sent. */
const listedBytes = 16 * 1024
const listedFaults = 20
const base = 'urn:gatehouse:contract'

/** What is wrong with a value; none: it fits. */
export type Check = (value: unknown, bytes: number) => readonly FieldFault[]

/** The schemas of one OpenAPI document. */
export class Schemas {
  readonly #document: OpenApiDocument
  readonly #all: Ajv
  readonly #first: Ajv

  constructor(document: OpenApiDocument) {
    this.#document = document
    this.#all = createAjv({ allErrors: true })
    this.#first = createAjv({ allErrors: false })
    const root = { ...asJsonSchema(document), $id: base }
    for (const ajv of [this.#all, this.#first]) ajv.addSchema(root, undefined, undefined, false)
  }

  /** @throws OpenApiError for a schema that is none, with its place. */
  compile(path: Path): Check {
    this.#checkSchema(path)
    try {
      const reference = { $ref: `${base}#/${path.map(pointerStep).join('/')}` }
      const all = this.#all.compile(reference)
      const first = this.#first.compile(reference)
      return (value, bytes) => {
        const validate: ValidateFunction = bytes > listedBytes ? first : all
        return validate(value) ? [] : faultsOf(validate.errors ?? [])
      }
    } catch (cause) {
      throw this.#document.fault(path, 'is a schema that cannot be used', cause)
    }
  }

  #checkSchema(path: Path): void {
    const value = this.#document.at(path)
    const schema = asJsonSchema(this.#document, value)
    const isValid = typeof schema === 'boolean' || this.#first.validateSchema(schema) === true
    if (isValid) return
    const where = this.#first.errors?.[0]?.instancePath.split('/').slice(1) ?? []
    throw this.#document.fault([...path, ...where.map(unescaped)], 'is no schema')
  }
}

function faultsOf(violations: readonly (SchemaViolation & { readonly schemaPath: string })[]) {
  // What does not fit any of several is told once, and not for each of them.
  const own = violations.filter(({ schemaPath }) => !/\/(?:anyOf|oneOf)\/\d+\//.test(schemaPath))
  const told = own.filter(({ keyword }) => keyword !== 'if')
  return (told.length > 0 ? told : violations).slice(0, listedFaults).map(fieldFault)
}

/** RFC 6901 section 6. */
function pointerStep(step: string | number): string {
  return encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1'))
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
