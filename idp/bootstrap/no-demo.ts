import { StartError } from '@gatehouse/kit/errors'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import type { IdpDeps } from '../deps.ts'
import { demoClients, people } from './demo.ts'

/**
 * For production: nobody gets in with what an earlier start made for demonstration, the passwords of which are in a file.
 * @throws StartError when the store has people or clients of the demo; accounts that are disabled count as gone
 */
export async function refuseDemo({ config }: PartContext, deps: IdpDeps): Promise<void> {
  const declared = new Set(config.idp.protocol.clients.map(({ client_id: id }) => id))
  const found: string[] = []
  for (const { id, username } of people) {
    const account = await deps.accounts.find(id)
    if (account !== undefined && !account.disabled) found.push(username)
  }
  for (const id of demoClients) {
    // By its name as well: somebody may have made another one of that id.
    const name = (await deps.clients.find(id))?.client_name ?? ''
    if (!declared.has(id) && name.startsWith('Demo ')) found.push(id)
  }
  if (found.length === 0) return
  throw new StartError(`production refuses what the demo made: ${found.join(', ')}`, {
    hint: 'begin with a store of your own, or start without NODE_ENV=production and take them away: `accounts delete`, `clients delete`',
  })
}
