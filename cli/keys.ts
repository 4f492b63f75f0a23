import { StartError } from '@gatehouse/kit/errors'
import { group, type ActionCall } from './action.ts'
import { UsageError, type Command } from './command.ts'
import { isRecord } from './json.ts'

const parts = { idp: 'idp', internal: 'gateway' } as const
type Ring = keyof typeof parts

export const keys: Command = group('keys', {
  summary: 'Signing keys: shows their states, ages and next dates, turns and retires them',
  options: {
    ring: {
      type: 'string',
      value: 'ring',
      describe: 'idp (tokens of the identity server) or internal (idp)',
    },
    force: { type: 'boolean', of: ['rotate'], describe: 'even if not every verifier knows the next key' },
    emergency: {
      type: 'boolean',
      of: ['retire'],
      describe: 'at once; everything that the key signed is refused',
    },
  },
  actions: {
    list: { describe: 'the keys of both rings, or of --ring', run: list },
    rotate: {
      describe: 'the next key signs; no request is refused',
      async run(call) {
        const ring = ringOf(call) ?? 'idp'
        const body = call.options['force'] === true ? { force: true } : {}
        show(call, [await call.admin.send('POST', '/keys/rotate', { body, part: parts[ring] })])
      },
    },
    retire: {
      arg: 'kid',
      describe: 'takes a key out of use; with --emergency because it is no longer secret',
      async run(call) {
        const ring = ringOf(call) ?? (await ringWith(call))
        const body = { emergency: call.options['emergency'] === true }
        const path = `/keys/${encodeURIComponent(call.arg)}/retire`
        show(call, [await call.admin.send('POST', path, { body, part: parts[ring] })])
      },
    },
  },
})

async function list(call: ActionCall): Promise<void> {
  const ring = ringOf(call)
  const rings: readonly Ring[] = ring === undefined ? ['idp', 'internal'] : [ring]
  const pages = await Promise.allSettled(
    rings.map((each) => call.admin.send('GET', '/keys', { part: parts[each] })),
  )
  const told = pages.flatMap((page) => (page.status === 'fulfilled' ? [page.value] : []))
  if (told.length > 0) show(call, told)
  // Behind what there is to show: a gateway that does not run must not hide the other ring.
  const failed = pages.find((page) => page.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function show({ out }: ActionCall, pages: readonly unknown[]): void {
  const items = pages.flatMap(itemsOf)
  const aged = items.map((item) => ({ ...item, age: age(item['created_at']) }))
  out.list('key', out.isJson ? items : aged, ['ring', 'kid', 'state', 'age', 'next', 'next_at'])
}

function itemsOf(page: unknown): readonly Readonly<Record<string, unknown>>[] {
  return isRecord(page) && Array.isArray(page['items']) ? page['items'].filter(isRecord) : []
}

function age(since: unknown): string {
  const minutes = Math.floor((Date.now() - Date.parse(String(since))) / 60_000)
  if (minutes < 60) return `${minutes}m`
  return minutes < 2880 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`
}

function ringOf({ options: { ring } }: ActionCall): Ring | undefined {
  if (ring === undefined || ring === 'idp' || ring === 'internal') return ring
  throw new UsageError(`there is no ring '${String(ring)}': idp or internal (see: keys --help)`)
}

/** A kid names its key whatever ring it is in; a gateway that does not run must not stand in the way. */
async function ringWith({ admin, arg }: ActionCall): Promise<Ring> {
  for (const ring of ['idp', 'internal'] as const) {
    const items = itemsOf(await admin.send('GET', '/keys', { part: parts[ring] }))
    if (items.some(({ kid }) => kid === arg)) return ring
  }
  throw new StartError(`no ring has a key ${arg}`, { hint: '`keys` shows them' })
}
