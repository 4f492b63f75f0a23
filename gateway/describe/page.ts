import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'
import type { Json } from './operation.ts'

interface ShownOperation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly operation: Json
  /** Who may ask, in words. */
  readonly access: string
  readonly scopes: readonly string[]
  readonly parameters: readonly Json[]
  readonly bodies: readonly ShownContent[]
  readonly answers: readonly (ShownContent & { readonly status: string })[]
}

interface ShownContent {
  readonly type: string
  readonly description: string
  /** Indented JSON; empty: nothing is said. */
  readonly schema: string
}

const standing: Readonly<Record<string, string>> = { token: 'a token', session: 'a session' }

/** The description as a page that needs neither script nor any other site. */
export function renderPage(document: Json): string {
  const eta = new Eta({ views: fileURLToPath(new URL('views', import.meta.url)), autoEscape: true })
  const { schemas } = record(document['components'])
  const shapes = Object.entries(record(schemas)).map(([name, schema]) => ({ name, schema: shown(schema) }))
  return eta.render('./docs', { operations: operationsOf(document), shapes })
}

function operationsOf({ paths }: Json): readonly ShownOperation[] {
  return Object.entries(record(paths)).flatMap(([path, item]) =>
    Object.entries(record(item)).map(([method, operation]) =>
      shownOperation(path, method, record(operation)),
    ),
  )
}

function shownOperation(path: string, method: string, operation: Json): ShownOperation {
  const { requestBody, responses, security, parameters, operationId } = operation
  return {
    id: String(operationId),
    method: method.toUpperCase(),
    path,
    operation,
    ...accessOf(security),
    parameters: Array.isArray(parameters) ? parameters.map(record) : [],
    bodies: contents(record(requestBody)),
    answers: Object.entries(record(responses)).flatMap(([status, response]) => {
      const one = record(response)
      const told = contents(one)
      const description = typeof one['description'] === 'string' ? one['description'] : 'problem details'
      const list = told.length === 0 ? [{ type: '', description, schema: '' }] : told
      return list.map((content) => ({ ...content, description, status }))
    }),
  }
}

function accessOf(security: unknown): Pick<ShownOperation, 'access' | 'scopes'> {
  const choices = Array.isArray(security) ? security.map(record) : []
  const kinds = choices.flatMap((choice) => Object.keys(choice).map((name) => standing[name] ?? name))
  const scopes = new Set(choices.flatMap((choice) => Object.values(choice).flat().map(String)))
  return { access: kinds.length === 0 ? 'anybody' : `with ${kinds.join(' or ')}`, scopes: [...scopes] }
}

function contents({ content }: Json): readonly ShownContent[] {
  return Object.entries(record(content)).map(([type, media]) => {
    const { schema } = record(media)
    return { type, description: '', schema: schema === undefined ? '' : shown(schema) }
  })
}

function shown(schema: unknown): string {
  return JSON.stringify(schema, null, 2)
}

function record(value: unknown): Json {
  return isRecord(value) ? value : {}
}
