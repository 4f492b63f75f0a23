import { isRecord } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import type { Admin } from './admin.ts'

export interface Change {
  /** What goes on record. */
  readonly action: string
  readonly path?: () => string | Promise<string>
  readonly body?: unknown
}

/** Each thing that can be changed, in an order in which it can, once alice has signed in. */
export function changesOf(admin: Admin): Readonly<Record<string, Change>> {
  const first = async (list: string): Promise<string> =>
    textField(listField((await admin.get(list)).body, 'items')[0], 'id')
  const dora = async (rest = '') => `/accounts/${await first('/accounts?q=dora')}${rest}`
  const published = async (): Promise<string> => {
    const keys = listField((await admin.get('/keys')).body, 'items').filter(isRecord)
    return textField(
      keys.find(({ state }) => state === 'published'),
      'kid',
    )
  }
  return {
    'POST /clients': { action: 'client.created', body: { client_id: 'a', scope: 'orders:read' } },
    'PATCH /clients/:client_id': {
      action: 'client.updated',
      path: () => '/clients/a',
      body: { client_name: 'A' },
    },
    'POST /clients/:client_id/secret': { action: 'client.secret_rotated', path: () => '/clients/a/secret' },
    'DELETE /clients/:client_id': { action: 'client.deleted', path: () => '/clients/a' },
    'POST /accounts': { action: 'account.created', body: { username: 'dora' } },
    'POST /accounts/:id/password': {
      action: 'account.password_set',
      path: () => dora('/password'),
      body: {},
    },
    'PUT /accounts/:id/roles': {
      action: 'account.roles_set',
      path: () => dora('/roles'),
      body: { roles: ['support'] },
    },
    'PUT /accounts/:id/claims': {
      action: 'account.claims_set',
      path: () => dora('/claims'),
      body: { locale: 'fr-CA' },
    },
    'POST /accounts/:id/disable': { action: 'account.disabled', path: () => dora('/disable') },
    'POST /accounts/:id/enable': { action: 'account.enabled', path: () => dora('/enable') },
    'DELETE /accounts/:id': { action: 'account.deleted', path: () => dora() },
    'DELETE /grants/:id': {
      action: 'grant.revoked',
      path: async () => `/grants/${await first('/grants?account=acc-alice')}`,
    },
    'DELETE /sessions/:id': {
      action: 'session.ended',
      path: async () => `/sessions/${await first('/sessions?account=acc-alice')}`,
    },
    'POST /keys/rotate': { action: 'key.rotated', body: { force: true } },
    'POST /keys/:kid/retire': {
      action: 'key.revoked',
      path: async () => `/keys/${await published()}/retire`,
      body: { emergency: true },
    },
  }
}
