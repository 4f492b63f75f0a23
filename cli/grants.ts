import { group, listOptions, queryOf } from './action.ts'
import type { Command } from './command.ts'

export const grants: Command = group('grants', {
  summary: 'What people have given clients: shows it and takes it back',
  options: {
    account: { type: 'string', value: 'id', of: ['list'], describe: 'only of this account' },
    client: { type: 'string', value: 'client_id', of: ['list'], describe: 'only to this client' },
    ...listOptions,
  },
  actions: {
    list: {
      describe: 'a page at a time',
      async run({ admin, out, options }) {
        const query = queryOf(options, ['account', 'client', ...Object.keys(listOptions)])
        out.page('grant', await admin.send('GET', `/grants${query}`), [
          'id',
          'username',
          'client_id',
          'expires_at',
        ])
      },
    },
    revoke: {
      arg: 'id',
      describe: 'with all tokens; the client has to ask the person anew',
      async run({ admin, out, arg }) {
        await admin.send('DELETE', `/grants/${encodeURIComponent(arg)}`)
        out.say('grant_revoked', 'revoked', { id: arg })
      },
    },
  },
})
