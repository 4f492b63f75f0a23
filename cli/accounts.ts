import { StartError } from '@gatehouse/kit/errors'
import { group, listOptions, queryOf, type ActionCall } from './action.ts'
import type { Command, Invocation } from './command.ts'
import { isRecord, textOf } from './json.ts'

export const accounts: Command = group('accounts', {
  summary:
    'People who can sign in: shows, makes, disables and deletes accounts, sets passwords, roles and claims',
  options: {
    name: { type: 'string', value: 'text', of: ['create'], describe: 'how the person is called' },
    email: { type: 'string', value: 'address', of: ['create'], describe: 'where mail goes' },
    roles: { type: 'string', value: 'roles', of: ['create', 'roles'], describe: 'with commas' },
    role: { type: 'string', value: 'role', of: ['list'], describe: 'only who has it' },
    'password-stdin': {
      type: 'boolean',
      of: ['create', 'set-password'],
      describe: 'the first line of stdin',
    },
    ...listOptions,
  },
  actions: {
    list: {
      describe: 'by user name, a page at a time',
      async run({ admin, out, options }) {
        const page = await admin.send(
          'GET',
          `/accounts${queryOf(options, ['role', ...Object.keys(listOptions)])}`,
        )
        out.page('account', page, ['username', 'id', 'name', 'roles', 'disabled'])
      },
    },
    show: {
      arg: 'username',
      describe: 'one account, by user name or id',
      run: async (call) => call.out.one('account', await call.admin.send('GET', await pathOf(call))),
    },
    create: {
      arg: 'username',
      describe: 'a password is made and shown once, unless it comes by stdin',
      run: create,
    },
    'set-password': {
      arg: 'username',
      describe: 'as with create; every session and token of the account ends',
      async run(call) {
        const body = await passwordOf(call)
        const answer = await call.admin.send('POST', `${await pathOf(call)}/password`, { body })
        call.out.one('password_set', answer ?? { username: call.arg })
      },
    },
    disable: {
      arg: 'username',
      describe: 'shuts out at once: sessions, grants and tokens end',
      run: (call) => change(call, 'disable', 'account_disabled'),
    },
    enable: {
      arg: 'username',
      describe: 'lets in again; what was ended stays so',
      run: (call) => change(call, 'enable', 'account_enabled'),
    },
    roles: {
      arg: 'username',
      describe: 'sets --roles; none without it',
      async run(call) {
        const body = { roles: rolesOf(call.options) }
        call.out.one('roles_set', await call.admin.send('PUT', `${await pathOf(call)}/roles`, { body }))
      },
    },
    claims: {
      arg: 'username',
      describe: 'what else is known of the person: a JSON object of OpenID Connect claims by stdin',
      async run(call) {
        const body = await claimsOf(call)
        call.out.one('claims_set', await call.admin.send('PUT', `${await pathOf(call)}/claims`, { body }))
      },
    },
    delete: {
      arg: 'username',
      describe: 'with all that it had, for good',
      async run(call) {
        await call.admin.send('DELETE', await pathOf(call))
        call.out.say('account_deleted', `${call.arg} is deleted`, { username: call.arg })
      },
    },
  },
})

async function create(call: ActionCall): Promise<void> {
  const { admin, out, options, arg } = call
  const { name, email } = options
  const body = {
    username: arg,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    roles: rolesOf(options),
    ...(await passwordOf(call)),
  }
  out.one('account_created', await admin.send('POST', '/accounts', { body }))
}

async function change(call: ActionCall, action: string, event: string): Promise<void> {
  call.out.one(event, await call.admin.send('POST', `${await pathOf(call)}/${action}`))
}

/** @throws StartError when nobody is called so */
async function pathOf({ admin, arg }: ActionCall): Promise<string> {
  const page = await admin.send('GET', `/accounts?username=${encodeURIComponent(arg)}`)
  const found: unknown = isRecord(page) && Array.isArray(page['items']) ? page['items'][0] : undefined
  const id = isRecord(found) ? textOf(found['id']) : undefined
  return `/accounts/${encodeURIComponent(id ?? arg)}`
}

function rolesOf(options: Invocation['options']): readonly string[] {
  return (textOf(options['roles']) ?? '').split(',').filter(Boolean)
}

/** Never an argument: those are seen by everybody on the machine, and kept in the shell's history. */
async function passwordOf({ options, input }: ActionCall): Promise<{ readonly password?: string }> {
  if (options['password-stdin'] !== true) return {}
  const text = await textIn(input, (sofar) => sofar.includes('\n'))
  const [password = ''] = text.split(/\r?\n/, 1)
  if (password !== '') return { password }
  throw new StartError('stdin holds no password', { hint: 'pipe one line into this command' })
}

/** By stdin like passwords: what is known of people does not belong into a shell's history. */
async function claimsOf({ input }: ActionCall): Promise<object> {
  const text = await textIn(input)
  try {
    const claims: unknown = JSON.parse(text)
    if (isRecord(claims)) return claims
  } catch (cause) {
    throw new StartError('stdin holds no JSON', { cause, hint: claimsHint })
  }
  throw new StartError('stdin holds no JSON object', { hint: claimsHint })
}

/** All of it, or as much as is enough. A letter may be in two chunks. */
async function textIn(
  input: ActionCall['input'],
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of input) {
    text += chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk)
    if (isEnough(text)) return text
  }
  return text + decoder.decode()
}

const claimsHint = 'such as {"given_name": "Alice", "locale": "en-US"}'
