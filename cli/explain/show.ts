type Mapping = Readonly<Record<string, unknown>>

/** Whether the request would reach a service, or what the gateway serves itself. */
export function isServed(explanation: unknown): boolean {
  const { forwarded, served } = at(explanation, 'outcome')
  return forwarded === true || served !== undefined
}

/** An explanation for people. */
export function showExplanation(explanation: unknown): string {
  const request = at(explanation, 'request')
  const { route } = mapping(explanation)
  return [
    `${text(request['method'])} ${text(request['host'])}${text(request['path'])}`,
    '',
    ...section('routes', rows(explanation, 'routes').map(routeLine)),
    ...section('stages', rows(explanation, 'stages').map(stageLine)),
    outcome(explanation, route),
    ...claims('caller', at(explanation, 'caller')),
    ...claims('internal token', at(explanation, 'internalToken')),
  ].join('\n')
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), '']
}

function routeLine({ id, verdict }: Mapping): string {
  return `${verdict === 'taken' ? '→' : ' '} ${text(id).padEnd(24)} ${text(verdict)}`
}

function stageLine({ stage, verdict, status, code, reason }: Mapping): string {
  const why = verdict === 'refuses' ? `: ${text(status)} ${text(code)}` : ''
  const cause = reason === undefined ? '' : ` (${text(reason)})`
  return `${text(stage).padEnd(14)} ${text(verdict)}${why}${cause}`
}

function outcome(explanation: unknown, route: unknown): string {
  const { forwarded, served } = at(explanation, 'outcome')
  const { name, targets } = at(explanation, 'upstream')
  if (!isServed(explanation)) return refusal(at(explanation, 'outcome'))
  if (forwarded !== true) return `served ${text(served)}`
  const to = `${text(name)} (${Array.isArray(targets) ? targets.join(', ') : ''})`
  return served === undefined
    ? `forwarded by ${text(route)} to ${to}`
    : `passed to the site ${to} ${text(served)}`
}

function refusal({ status, code, location, navigation }: Mapping): string {
  if (location !== undefined) return `sent to sign in: ${text(status)} ${text(location)}`
  const refused = `refused: ${text(status)} ${text(code)}`
  const opened = mapping(navigation)
  if (opened['location'] === undefined) return refused
  return `${refused}\na browser that opens it is sent to sign in: ${text(opened['status'])} ${text(opened['location'])}`
}

function claims(title: string, values: Mapping): readonly string[] {
  const entries = Object.entries(values)
  if (entries.length === 0) return []
  return ['', title, ...entries.map(([name, value]) => `  ${name.padEnd(14)} ${text(value)}`)]
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function rows(value: unknown, key: string): readonly Mapping[] {
  const list = mapping(value)[key]
  return Array.isArray(list) ? list.map(mapping) : []
}

function at(value: unknown, key: string): Mapping {
  return mapping(mapping(value)[key])
}

function mapping(value: unknown): Mapping {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
