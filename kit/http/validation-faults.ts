import type { FieldFault } from '../errors.ts'

/** What Fastify's validator reports about one field. */
export interface SchemaViolation {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Says in our own words what is wrong with a field: the validator's text never reaches a caller. */
export function fieldFault(violation: SchemaViolation): FieldFault {
  const { keyword, params, instancePath } = violation
  if (keyword === 'required') return at(instancePath, params['missingProperty'], 'is required')
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    return at(instancePath, params['additionalProperty'], 'is not known')
  }
  return { path: instancePath, message: messageFor(keyword, params) }
}

function at(parent: string, property: unknown, message: string): FieldFault {
  return { path: `${parent}/${pointerToken(String(property).slice(0, 100))}`, message }
}

/** RFC 6901 section 3. */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function messageFor(keyword: string, params: Readonly<Record<string, unknown>>): string {
  const limit = String(params['limit'])
  switch (keyword) {
    case 'type':
      return `must be of type ${String(params['type'])}`
    case 'minimum':
    case 'exclusiveMinimum':
      return `must be ${keyword === 'minimum' ? 'at least' : 'more than'} ${limit}`
    case 'maximum':
    case 'exclusiveMaximum':
      return `must be ${keyword === 'maximum' ? 'at most' : 'less than'} ${limit}`
    case 'minLength':
      return `must have at least ${limit} characters`
    case 'maxLength':
      return `must have at most ${limit} characters`
    case 'minItems':
      return `must have at least ${limit} items`
    case 'maxItems':
      return `must have at most ${limit} items`
    case 'enum':
    case 'const':
    case 'anyOf':
    case 'oneOf':
      return 'is not one of the allowed values'
    case 'pattern':
    case 'format':
      return 'does not have the expected form'
    default:
      return 'is not valid'
  }
}
