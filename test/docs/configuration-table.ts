import { forms } from '@gatehouse/kit/config/forms'
import { isRecord } from '../harness/json.ts'

type Schema = Readonly<Record<string, unknown>>

/** One row for every key that a configuration file may have, from the schema that checks it. */
export function configurationTable(schema: unknown): string {
  const head = ['| key | what it is | default |', '|---|---|---|']
  return [...head, ...(isRecord(schema) ? rows('', schema) : [])].join('\n')
}

function rows(path: string, schema: Schema): readonly string[] {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const named = Object.entries(properties).flatMap(([name, inner]) =>
    isRecord(inner) ? entry(path === '' ? name : `${path}.${name}`, inner, required.includes(name)) : [],
  )
  const pattern = isRecord(schema['patternProperties'])
    ? Object.values(schema['patternProperties'])[0]
    : undefined
  return [...named, ...(isRecord(pattern) ? rows(`${path}.<name>`, pattern) : [])]
}

function entry(path: string, schema: Schema, isRequired: boolean): readonly string[] {
  const items = schema['items']
  if (isRecord(items) && isRecord(items['properties'])) {
    return [row(path, schema, isRequired), ...rows(`${path}[]`, items)]
  }
  const inItems = isRecord(items) ? listOf(items['anyOf']).flatMap((choice) => rows(`${path}[]`, choice)) : []
  if (inItems.length > 0) return [row(path, schema, isRequired), ...inItems]
  const inChoices = listOf(schema['anyOf']).flatMap((choice) => rows(path, choice))
  if (inChoices.length > 0) return [row(path, schema, isRequired), ...inChoices]
  const inner = rows(path, schema)
  return inner.length === 0 ? [row(path, schema, isRequired)] : inner
}

function row(path: string, schema: Schema, isRequired: boolean): string {
  const told = [schema['description'], formOf(schema)].filter((text) => typeof text === 'string')
  const description = told.join('; ')
  return `| \`${path}\` | ${description.replaceAll('|', '\\|')} | ${standard(schema, isRequired)} |`
}

function standard(schema: Schema, isRequired: boolean): string {
  if (isRequired) return 'needed'
  const fallback = schema['default']
  return ['string', 'number', 'boolean'].includes(typeof fallback) ? `\`${String(fallback)}\`` : ''
}

function formOf(schema: Schema): string | undefined {
  const form = schema['form']
  const known = Object.entries(forms).find(([name]) => name === form)?.[1]
  // The page tells the units once; every other form is shown by its example.
  if (known !== undefined) return known.expected.replace(/^(a (?:duration|size|rate)) such as .*$/, '$1')
  const { minimum, maximum } = schema
  if (minimum !== undefined && maximum !== undefined) return `${Number(minimum)} to ${Number(maximum)}`
  const choices = listOf(schema['anyOf']).flatMap((choice) =>
    'const' in choice ? [String(choice['const'])] : [],
  )
  if (choices.length > 1) return `one of ${choices.join(', ')}`
  if (choices.length === 1 && isRecord(listOf(schema['anyOf'])[1]?.['properties']))
    return `or ${choices.join(', ')}`
  const inner = isRecord(schema['items']) ? formOf(schema['items']) : undefined
  return inner === undefined ? undefined : `each ${inner}`
}

function listOf(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
