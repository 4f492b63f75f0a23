import { relative } from 'node:path'
import type { Terminal } from '../command.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import type { Report, StartEvent } from './events.ts'

/** How events reach the operator: as text for people, or as lines of JSON. */
export function reporter(terminal: Terminal, json: boolean): Report {
  return json
    ? (event) => terminal.out(JSON.stringify(event))
    : (event) => terminal.out(text(event, terminal.isTTY))
}

function text(event: StartEvent, isTTY: boolean): string {
  switch (event.event) {
    case 'ready':
      return welcome(event, isTTY)
    case 'part_ended': {
      const why = event.why === undefined ? '' : `: ${event.why}`
      return `${event.part} ended (${event.how})${why}; starting it again in ${event.restart_in_ms} ms`
    }
    case 'part_back':
      return `${event.part} is back (pid ${event.pid}, ${event.elapsed_ms} ms)`
    case 'run_file_not_written':
      return `run.json could not be written: ${event.why}`
    case 'certificates_renewed':
      return `renewed the certificates of ${event.names.join(', ')}`
    case 'certificates_not_renewed':
      return `certificates could not be renewed: ${event.why}`
    case 'stopping':
      return `\nstopping (${event.signal})`
    case 'stopped': {
      const killed = event.killed.length === 0 ? '' : `, had to kill ${event.killed.join(', ')}`
      return `stopped in ${event.elapsed_ms} ms${killed}`
    }
  }
}

type Row = readonly [string, string]

function welcome(event: Extract<StartEvent, { event: 'ready' }>, isTTY: boolean): string {
  const { run } = event
  const rows: readonly Row[] = [
    ['open', run.gateway['public'] ?? ''],
    ...whoMayCome(event, isTTY),
    ['issuer', run.idp['issuer'] ?? ''],
    ['metrics', `${run.gateway['admin']}/metrics, ${run.idp['admin']}/metrics`],
    ['logs', `${shorter(event.logs)}/<part>.log`],
    ...event.warnings.map((warning) => ['careful', warning] as const),
  ]
  return [
    `Gatehouse is ready, after ${(event.elapsed_ms / 1000).toFixed(1)} s. Ctrl-C stops it.`,
    '',
    ...rows.map(([what, where]) => `  ${what.padEnd(11)}${where}`),
    '',
  ].join('\n')
}

/** Nothing in a house without demo accounts. */
function whoMayCome(event: Extract<StartEvent, { event: 'ready' }>, isTTY: boolean): readonly Row[] {
  const credentials = readCredentials(event.credentials)
  const { users, clients } = credentials
  if (users.length === 0 && clients.length === 0) return []
  const machines = clients.map(({ client_id: id }) => id).join(', ')
  return [
    // A password is for a person's eyes: stdout may be a file or a collector of logs.
    ...(event.first_start && isTTY ? passwords(credentials) : [['sign in as', names(credentials)] as const]),
    ['passwords', shorter(event.credentials)],
    ['machines', `${machines} (secrets in the same file)`],
  ]
}

function passwords({ users }: Credentials): readonly Row[] {
  const width = Math.max(0, ...users.map(({ username }) => username.length))
  return users.map(({ username, password, roles }, index) => [
    index === 0 ? 'sign in as' : '',
    `${username.padEnd(width)}  ${password}  (${roles.join(', ')})`,
  ])
}

function names({ users }: Credentials): string {
  return users.map(({ username, roles }) => `${username} (${roles.join(', ')})`).join(', ')
}

function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') || fromHere === '' ? path : fromHere
}
