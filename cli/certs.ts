import { dataPaths } from '@gatehouse/kit/paths'
import { UsageError, type Command, type Invocation } from './command.ts'
import { certsActions } from './certs/actions.ts'
import { json, places } from './options.ts'
import { checkTaken, unknown } from './parse.ts'
import { readSettings } from './settings.ts'

export const certs: Command = {
  summary: 'Issues, lists, renews, revokes workload certificates, and replaces the CA',
  args: 'issue <name> | list | renew | revoke <name> | rotate | keep',
  details: `A small CA for one machine, in <data>/certs. Everything that runs takes changed files within a second, without
a restart and without refusing a request.

  issue <name>   <name>.pem and <name>.key for the workload spiffe://<trust domain>/<name>
  list           until when the CA and every certificate are valid, and what is revoked
  renew          issues anew what expires within --within days
  revoke <name>  refuses that certificate, and those that it replaced, from the next connection on
  rotate         a new CA: first trusted beside the old one, then everything issued anew, then the old one forgotten
  keep           renews by itself, the CA too, until it is stopped: \`start\` does that, other ways of starting need it`,
  options: {
    host: {
      type: 'string',
      value: 'names',
      of: ['issue'],
      describe: 'DNS names and addresses besides, with commas',
    },
    days: { type: 'string', value: 'days', describe: 'how long what is issued is valid (365)' },
    within: {
      type: 'string',
      value: 'days',
      of: ['renew', 'keep'],
      describe: 'what has less than this to live (30)',
    },
    settle: {
      type: 'string',
      value: 'seconds',
      of: ['rotate', 'keep'],
      describe: 'how long everybody needs to see a change (5)',
    },
    data: places.data,
    json,
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation
  const [word, name, more] = args
  if (word === undefined) throw new UsageError('certs: what? (see: certs --help)')
  const action = certsActions.get(word)
  if (action === undefined) throw unknown('action', word, certsActions.keys(), 'certs --help')
  if ((name !== undefined) !== action.named || more !== undefined) {
    throw new UsageError(`certs ${word} takes ${action.named ? 'one name' : 'no name'} (see: certs --help)`)
  }
  checkTaken('certs', word, certs.options, options)
  const { systemClock } = await import('@gatehouse/kit/clock')
  const { folderFault } = await import('@gatehouse/kit/prepare/files')
  const { dir, certs: certsDir } = dataPaths(readSettings(invocation).dataDir)
  const days = number(options['days'], 'days', 365)
  // It would take the place of one that is valid.
  if (days === 0) throw new UsageError('--days takes at least 1 (see: certs --help)')
  const withinMs = number(options['within'], 'within', 30) * 86_400_000
  const settleMs = number(options['settle'], 'settle', 5) * 1000
  const hosts = hostsOf(options['host'])
  const tell = (event: Readonly<Record<string, unknown>>, text: string): void =>
    terminal.out(options['json'] === true ? JSON.stringify(event) : text)
  const request = { certsDir, name: name ?? '', days, withinMs, settleMs, hosts, clock: systemClock, tell }
  await action.run(request).catch((error: unknown) => {
    throw folderFault(error, dir)
  })
  return 0
}

function hostsOf(given: unknown): readonly string[] | undefined {
  if (typeof given !== 'string') return undefined
  const hosts = given.split(',')
  if (hosts.every((host) => /^[\x21-\x7e]+$/.test(host))) return hosts
  throw new UsageError(
    '--host takes names and addresses in ASCII, with commas and no spaces (see: certs --help)',
  )
}

function number(given: unknown, option: string, fallback: number): number {
  if (given === undefined) return fallback
  const value = typeof given === 'string' && /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN
  if (Number.isNaN(value)) throw new UsageError(`--${option} takes a whole number (see: certs --help)`)
  return value
}
