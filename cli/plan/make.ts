import { StartError } from '@gatehouse/kit/errors'
import type { AdminClient } from '../client.ts'
import { isRecord, textOf } from '../json.ts'
import type { Change } from './changes.ts'

/** Makes one change. @throws StartError when the server refuses it, or nobody is called so */
export async function make(admin: AdminClient, change: Change): Promise<void> {
  const { name, members: body } = change
  const client = `/clients/${encodeURIComponent(name)}`
  switch (change.action) {
    case 'create':
      return void (await admin.send('POST', '/clients', { body }))
    case 'update':
      return void (await admin.send('PATCH', client, { body }))
    case 'delete':
      return void (await admin.send('DELETE', client))
    case 'give':
    case 'take':
      return setRole(admin, change)
  }
}

async function setRole(admin: AdminClient, { action, name, members }: Change): Promise<void> {
  const page = await admin.send('GET', `/accounts?username=${encodeURIComponent(name)}`)
  const account: unknown = isRecord(page) && Array.isArray(page['items']) ? page['items'][0] : undefined
  if (!isRecord(account)) {
    throw new StartError(`there is no account ${name} that could have the role ${String(members['role'])}`, {
      hint: `make it with \`accounts create ${name}\`, or take the name out of idp.roles`,
    })
  }
  const present = Array.isArray(account['roles']) ? account['roles'].map(String) : []
  const role = String(members['role'])
  const roles = action === 'give' ? [...present, role] : present.filter((each) => each !== role)
  await admin.send('PUT', `/accounts/${textOf(account['id']) ?? ''}/roles`, { body: { roles } })
}
