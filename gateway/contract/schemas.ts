import type { ValidateFunction } from 'ajv/dist/2020.js'
import type { Path } from '@gatehouse/kit/config/path'
import type { FieldFault } from '@gatehouse/kit/errors'
import { fieldFault, type SchemaViolation } from '@gatehouse/kit/http/validation-faults'
import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { createAjv, type Ajv } from './ajv.ts'
import { asJsonSchema } from './json-schema.ts'
import { misplacedIn } from './subschemas.ts'

/** Up to here all faults of a value are listed, beyond it the first: a list grows with what was sent. */
const listedBytes = 16 * 1024
/** Of a value, and of all parameters together. */
export const listedFaults = 20
const base = 'urn:gatehouse:contract'

/** What is wrong with a value; none: it fits. */
export type Check = (value: unknown, bytes: number) => readonly FieldFault[]

/** The schemas of one OpenAPI document. */
export class Schemas {
  readonly #document: OpenApiDocument
  readonly #all: Ajv
  /** For long values, which are rare. */
  #first: Ajv | undefined

  constructor(document: OpenApiDocument) {
    this.#document = document
    this.#all = this.#open({ allErrors: true })
  }

  /** @throws OpenApiError for a schema that is none, with its place. */
  compile(path: Path): Check {
    const misplaced = misplacedIn(this.#document.at(path))
    if (misplaced !== undefined) throw this.#document.fault([...path, ...misplaced], 'is no schema')
    const reference = { $ref: `${base}#/${path.map(pointerStep).join('/')}` }
    const all = this.#compiled(this.#all, reference, path)
    let first: ValidateFunction | undefined
    return (value, bytes) => {
      if (bytes > listedBytes) {
        this.#first ??= this.#open({ allErrors: false })
        first ??= this.#first.compile(reference)
      }
      const validate = bytes > listedBytes && first !== undefined ? first : all
      return validate(value) ? [] : faultsOf(validate.errors ?? [])
    }
  }

  #open(options: { readonly allErrors: boolean }): Ajv {
    const ajv = createAjv(options)
    ajv.addSchema({ ...asJsonSchema(this.#document), $id: base }, undefined, undefined, false)
    return ajv
  }

  #compiled(ajv: Ajv, reference: { readonly $ref: string }, path: Path): ValidateFunction {
    try {
      return ajv.compile(reference)
    } catch (cause) {
      this.#explain(path)
      throw this.#document.fault(path, 'is a schema that cannot be used', cause)
    }
  }

  /**
   * The schema of schemas says best where the fault is. To compile that takes longer than all the others together, so it
   * is asked when one was refused.
   */
  #explain(path: Path): void {
    const schema = asJsonSchema(this.#document, this.#document.at(path))
    if (typeof schema === 'boolean' || this.#all.validateSchema(schema) === true) return
    const where = this.#all.errors?.[0]?.instancePath.split('/').slice(1) ?? []
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
