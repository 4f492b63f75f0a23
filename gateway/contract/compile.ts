import type { RouteConfig } from '@gatehouse/kit/config/types'
import type { FieldFault } from '@gatehouse/kit/errors'
import { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { findOperation, type Operation } from '@gatehouse/kit/openapi/operation'
import { checkReferences } from '@gatehouse/kit/openapi/references'
import type { RequestBody } from '@gatehouse/kit/openapi/request-body'
import { parameterCheck, type Sent } from './parameters.ts'
import { Schemas, type Check } from './schemas.ts'

/** One operation, ready to judge requests. */
export interface OperationContract {
  readonly operation: Operation
  readonly checkParameters: (sent: Sent) => readonly FieldFault[]
  readonly body: RequestBody | undefined
  /** By name of the media type; for JSON with a schema, and what may be it. */
  readonly bodyChecks: ReadonlyMap<string, Check>
}

/** What a route's requests must fit, by method. */
export interface Contract {
  readonly document: OpenApiDocument
  readonly operations: ReadonlyMap<string, OperationContract>
}

interface Opened {
  readonly document: OpenApiDocument
  readonly schemas: Schemas
}

/** Makes contracts ready, each document once. */
export class Contracts {
  readonly #opened = new Map<string, Opened>()

  /** @throws OpenApiError with file, line and column. */
  compile({ contract, match }: RouteConfig): Contract | undefined {
    if (contract === undefined) return undefined
    const opened = this.#opened.get(contract.file) ?? open(contract.file, contract.text)
    this.#opened.set(contract.file, opened)
    const operations = match.methods.map((method) => {
      const operation = findOperation(opened.document, {
        method,
        path: match.path,
        operation: contract.operation,
      })
      return [method, compileOperation(opened, operation, match.path)] as const
    })
    return { document: opened.document, operations: new Map(operations) }
  }
}

function open(file: string, text: string): Opened {
  const document = new OpenApiDocument(file, text)
  checkReferences(document)
  return { document, schemas: new Schemas(document) }
}

function compileOperation(
  { document, schemas }: Opened,
  operation: Operation,
  routePath: string,
): OperationContract {
  // A range may take JSON as well.
  const json = (operation.body?.types ?? []).filter(({ name, isJson }) => isJson || name.endsWith('/*'))
  const checks = json.flatMap(({ name, schema }) =>
    schema === undefined ? [] : [[name, schemas.compile(schema)] as const],
  )
  return {
    operation,
    checkParameters: parameterCheck(document, schemas, operation.parameters, routePath),
    body: operation.body,
    bodyChecks: new Map(checks),
  }
}
