import { OpenApiDocument, OpenApiError } from '../../openapi/document.ts'
import { findOperation } from '../../openapi/operation.ts'
import { checkReferences } from '../../openapi/references.ts'
import type { ConfigDocument } from '../document.ts'
import type { Path } from '../path.ts'
import { listAt, textAt, textsAt, valueAt } from '../written.ts'
import type { RuleContext } from './rule.ts'

/** Every OpenAPI document that a route names can be read, and describes what the route takes. */
export function routeContractsFit(document: ConfigDocument, { contracts }: RuleContext): void {
  const read = new Map<string, OpenApiDocument | string>()
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const written = valueAt(route, 'contract')
    const name = typeof written === 'string' ? written : textAt(written, 'document')
    if (name === undefined) continue
    const place = ['routes', index, 'contract']
    const found = read.get(name) ?? documentOf(contracts.read(name))
    if (typeof found === 'string') {
      // Told once, however many routes name it.
      if (!read.has(name)) document.fault(place, found)
    } else checkRoute(document, route, { place, found })
    read.set(name, found)
  }
}

function documentOf({ file, text }: { file: string; text: string | Error }): OpenApiDocument | string {
  if (text instanceof Error) return text.message
  return told(() => {
    const found = new OpenApiDocument(file, text)
    checkReferences(found)
    return found
  })
}

function checkRoute(
  document: ConfigDocument,
  route: unknown,
  { place, found }: { readonly place: Path; readonly found: OpenApiDocument },
): void {
  const path = textAt(route, 'match', 'path')
  const operation = textAt(route, 'contract', 'operation')
  if (path === undefined) return
  if (path.endsWith('*'))
    return document.fault(place, `describes one path, and '${path}' takes many; write a route for each`)
  for (const method of textsAt(route, 'match', 'methods')) {
    const fault = told(() => findOperation(found, { method, path, operation }))
    if (typeof fault === 'string') document.fault(place, fault)
  }
}

function told<Result>(read: () => Result): Result | string {
  try {
    return read()
  } catch (error) {
    if (error instanceof OpenApiError) return error.message
    throw error
  }
}
