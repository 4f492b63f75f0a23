import { isDeepStrictEqual } from 'node:util'
import { cliClientId } from '@gatehouse/kit/admin/protocol'
import { clientMetadata } from '@gatehouse/kit/config/client-metadata'
import type { ClientConfig } from '@gatehouse/kit/config/types-protocol'
import { StartError } from '@gatehouse/kit/errors'
import type { AdminClient } from '../client.ts'
import { textOf } from '../json.ts'

type Members = Readonly<Record<string, unknown>>

/** One difference between the file and what runs. */
export interface Change {
  readonly kind: 'client' | 'role'
  readonly action: 'create' | 'update' | 'delete' | 'give' | 'take'
  /** A client's id, or a user name. */
  readonly name: string
  /** Only made with --prune: it is there, and the file does not say so. */
  readonly prune: boolean
  /** Of a client: what is to be written; null removes a member. Of a role: which one. */
  readonly members: Members
}

const notMetadata: ReadonlySet<string> = new Set([
  'has_secret',
  'created_at',
  'updated_at',
  'client_id_issued_at',
])

/**
 * Everything in which `idp.clients` and `idp.roles` differ from what runs.
 * @throws StartError for a client that would have a secret which nobody is told
 */
export async function changesOf(admin: AdminClient): Promise<readonly Change[]> {
  return [...(await clientChanges(admin)), ...(await roleChanges(admin))]
}

async function clientChanges(admin: AdminClient): Promise<readonly Change[]> {
  const { idp, gateway } = admin.config
  const own = new Set([cliClientId, gateway.clientId])
  const running = new Map<string, Members>()
  for await (const client of admin.all('/clients')) running.set(String(client['client_id']), client)
  const changes = idp.protocol.clients.flatMap((client): Change[] => {
    const { client_id: name } = client
    const wanted = clientMetadata(client)
    const present = running.get(name)
    running.delete(name)
    const action = present === undefined ? 'create' : 'update'
    const members = {
      ...(present === undefined ? wanted : differences(wanted, present)),
      ...firstSecret(client, present),
    }
    return Object.keys(members).length === 0 ? [] : [{ kind: 'client', action, name, prune: false, members }]
  })
  // A client that registered itself is nobody's to declare.
  const undeclared = [...running].filter(([id, client]) => !own.has(id) && client['unknown_party'] !== true)
  return [
    ...changes,
    ...undeclared.map(([name]): Change => ({
      kind: 'client',
      action: 'delete',
      name,
      prune: true,
      members: {},
    })),
  ]
}

/** The secret of a client that needs one and has none. One that it has cannot be compared, and stays. */
function firstSecret(client: ClientConfig, present: Members | undefined): Members {
  const { client_id: name, client_secret, token_endpoint_auth_method: method } = client
  if (!method.startsWith('client_secret_') || present?.['has_secret'] === true) return {}
  if (client_secret !== undefined) return { client_secret }
  const action = present === undefined ? 'create' : 'update'
  throw new StartError(`client ${name}: client_secret is missing`, {
    hint: `name its file or variable, or have one made and shown once: \`clients ${action} ${name} --auth ${method}\``,
  })
}

function differences(wanted: Members, present: Members): Members {
  const names = new Set(
    [...Object.keys(wanted), ...Object.keys(present)].filter((name) => !notMetadata.has(name)),
  )
  const differing = [...names].filter((name) => !isDeepStrictEqual(wanted[name], present[name]))
  return Object.fromEntries(differing.map((name) => [name, wanted[name] ?? null]))
}

/** Of the roles that the file names; the others are left alone. */
async function roleChanges(admin: AdminClient): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const [role, wanted] of Object.entries(admin.config.idp.roles)) {
    const present = new Set<string>()
    for await (const account of admin.all(`/accounts?role=${encodeURIComponent(role)}`))
      present.add(textOf(account['username']) ?? '')
    const names = new Set(wanted.map((name) => name.normalize('NFKC').toLowerCase()))
    const missing = [...names].filter((name) => !present.has(name))
    const extra = [...present].filter((name) => !names.has(name))
    const change = (action: 'give' | 'take') => (name: string) =>
      changes.push({ kind: 'role', action, name, prune: action === 'take', members: { role } })
    missing.forEach(change('give'))
    extra.forEach(change('take'))
  }
  return changes
}
