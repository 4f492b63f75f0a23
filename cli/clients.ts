import { readFile } from 'node:fs/promises'
import { StartError } from '@gatehouse/kit/errors'
import { group, listOptions, queryOf, type ActionCall } from './action.ts'
import { UsageError, type Command, type Invocation, type Option } from './command.ts'
import { isRecord } from './json.ts'

/** The actions that say what a client is. */
const making = ['create', 'update']

/** What a client is. */
const members = {
  name: { type: 'string', value: 'text', of: making, describe: 'what people see' },
  scope: {
    type: 'string',
    value: 'scopes',
    of: making,
    describe: 'all that it may ask for, with spaces',
  },
  'redirect-uris': { type: 'string', value: 'uris', of: making, describe: 'with commas' },
  grants: {
    type: 'string',
    value: 'types',
    of: making,
    describe: 'grant types, with commas',
  },
  auth: {
    type: 'string',
    value: 'method',
    of: making,
    describe: 'token_endpoint_auth_method',
  },
  type: { type: 'string', value: 'type', of: making, describe: 'web or native' },
  metadata: {
    type: 'string',
    value: 'file',
    of: making,
    describe: 'any members, as JSON (RFC 7591)',
  },
} as const satisfies Record<string, Option>

export const clients: Command = group('clients', {
  summary: 'Registered clients: shows, makes, changes and deletes them',
  options: { ...members, ...listOptions },
  actions: {
    list: {
      describe: 'by id, a page at a time',
      async run({ admin, out, options }) {
        const page = await admin.send('GET', `/clients${queryOf(options, Object.keys(listOptions))}`)
        out.page('client', page, ['client_id', 'client_name', 'token_endpoint_auth_method', 'scope'])
      },
    },
    show: {
      arg: 'client_id',
      describe: 'all of it but the secret',
      run: async ({ admin, out, arg }) => out.one('client', await admin.send('GET', path(arg))),
    },
    create: {
      arg: 'client_id',
      describe: 'a machine, or with --redirect-uris one that signs people in; its secret is shown once',
      async run({ admin, out, options, arg }) {
        const body = { ...(await metadataOf(options)), client_id: arg }
        out.one('client_created', await admin.send('POST', '/clients', { body }))
      },
    },
    update: {
      arg: 'client_id',
      describe: 'what is named; the rest stays',
      async run({ admin, out, options, arg }) {
        const body = await metadataOf(options)
        if (Object.keys(body).length === 0) throw nothingNamed()
        out.one('client_updated', await admin.send('PATCH', path(arg), { body }))
      },
    },
    'rotate-secret': {
      arg: 'client_id',
      describe: 'another secret, shown once; the one before ends at once',
      run: async ({ admin, out, arg }) =>
        out.one('secret_rotated', await admin.send('POST', `${path(arg)}/secret`)),
    },
    delete: { arg: 'client_id', describe: 'with its grants and tokens, at once', run: remove },
  },
})

function nothingNamed(): UsageError {
  const flags = Object.keys(members).map((name) => `--${name}`)
  return new UsageError(`clients update takes at least one of ${flags.join(', ')} (see: clients --help)`)
}

async function remove({ admin, out, arg }: ActionCall): Promise<void> {
  await admin.send('DELETE', path(arg))
  out.say('client_deleted', `${arg} is deleted, its tokens are refused`, { client_id: arg })
}

function path(clientId: string): string {
  return `/clients/${encodeURIComponent(clientId)}`
}

function list(value: unknown): readonly string[] | undefined {
  return typeof value === 'string' ? value.split(',').filter(Boolean) : undefined
}

async function metadataOf(options: Invocation['options']): Promise<Readonly<Record<string, unknown>>> {
  const given = {
    client_name: options['name'],
    scope: options['scope'],
    redirect_uris: list(options['redirect-uris']),
    grant_types: list(options['grants']),
    token_endpoint_auth_method: options['auth'],
    application_type: options['type'],
  }
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  const file = options['metadata']
  return { ...(typeof file === 'string' ? await fileOf(file) : {}), ...Object.fromEntries(named) }
}

async function fileOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (isRecord(content)) return content
    throw new TypeError('not an object')
  } catch (cause) {
    throw new StartError(`${file} is no JSON object that can be read`, {
      hint: 'give a file with client metadata as RFC 7591 names it',
      cause,
    })
  }
}
