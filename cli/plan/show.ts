import type { Change } from './changes.ts'
import type { Output } from '../output.ts'

const signs = { create: '+', update: '~', delete: '-', give: '+', take: '-' } as const

/** Prints a change: as a line, or as an object without a secret in it. */
export function showChange(out: Output, event: string, change: Change): void {
  const { client_secret: _secret, ...members } = change.members
  out.say(event, `${signs[change.action]} ${words(change, members)}`, { ...change, members })
}

function words({ kind, action, name, prune }: Change, members: Readonly<Record<string, unknown>>): string {
  const what = kind === 'role' ? `role ${String(members['role'])}: ${name}` : `client ${name}`
  const detail =
    action === 'update'
      ? Object.entries(members).map(([member, value]) => `\n    ${member}: ${JSON.stringify(value)}`)
      : []
  return `${what}${prune ? ' (only with --prune)' : ''}${detail.join('')}`
}
