import { group, listOptions, queryOf } from './action.ts'
import type { Command } from './command.ts'

export const sessions: Command = group('sessions', {
  summary: 'Browsers that are signed in: shows them and signs them out',
  options: {
    account: { type: 'string', value: 'id', of: ['list'], describe: 'only of this account' },
    ...listOptions,
  },
  actions: {
    list: {
      describe: 'a page at a time',
      async run({ admin, out, options }) {
        const query = queryOf(options, ['account', ...Object.keys(listOptions)])
        out.page('session', await admin.send('GET', `/sessions${query}`), ['id', 'username', 'expires_at'])
      },
    },
    end: {
      arg: 'id',
      describe: 'signs it out, here and at the clients it was used with',
      async run({ admin, out, arg }) {
        await admin.send('DELETE', `/sessions/${encodeURIComponent(arg)}`)
        out.say('session_ended', 'ended', { id: arg })
      },
    },
  },
})
