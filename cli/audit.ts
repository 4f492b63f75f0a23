import { group, listOptions, queryOf } from './action.ts'
import type { Command } from './command.ts'
import { isRecord } from './json.ts'

export const audit: Command = group('audit', {
  summary: 'The audit log: reads it, and verifies that nobody altered it',
  options: listOptions,
  actions: {
    list: {
      describe: 'newest first, a page at a time',
      async run({ admin, out, options }) {
        const page = await admin.send('GET', `/audit${queryOf(options, Object.keys(listOptions))}`)
        out.page('entry', page, ['seq', 'at', 'action', 'actor', 'subject', 'txn', 'details'])
      },
    },
    verify: {
      describe: 'exit code 1 when it is not as it was written',
      async run({ admin, out }) {
        const verdict = await admin.send('GET', '/audit/verify')
        out.one('audit_verified', verdict)
        return isRecord(verdict) && verdict['ok'] === true ? 0 : 1
      },
    },
  },
  details:
    'Keep count and hash of the head elsewhere: they show that the whole log was put back to an earlier state.',
})
