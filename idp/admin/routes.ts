import { setClaims } from './accounts/claims.ts'
import { createAccount } from './accounts/create.ts'
import { deleteAccount } from './accounts/delete.ts'
import { disable } from './accounts/disable.ts'
import { enable } from './accounts/enable.ts'
import { listAccounts } from './accounts/list.ts'
import { setPassword } from './accounts/password.ts'
import { setRoles } from './accounts/roles.ts'
import { showAccount } from './accounts/show.ts'
import { listAudit } from './audit/list.ts'
import { verifyAudit } from './audit/verify.ts'
import { createClient } from './clients/create.ts'
import { deleteClient } from './clients/delete.ts'
import { listClients } from './clients/list.ts'
import { rotateSecret } from './clients/rotate-secret.ts'
import { showClient } from './clients/show.ts'
import { updateClient } from './clients/update.ts'
import { listGrants } from './grants/list.ts'
import { revokeGrant } from './grants/revoke.ts'
import { ringRoutes } from './keys.ts'
import { listRoles } from './roles/list.ts'
import { changing, type AdminRoute, type ChangeRoute, type ReadRoute } from './route.ts'
import { endSession } from './sessions/end.ts'
import { listSessions } from './sessions/list.ts'

const reads: readonly ReadRoute[] = [
  listClients,
  showClient,
  listAccounts,
  showAccount,
  listRoles,
  listGrants,
  listSessions,
  listAudit,
  verifyAudit,
]

const changes: readonly ChangeRoute[] = [
  createClient,
  updateClient,
  rotateSecret,
  deleteClient,
  createAccount,
  setPassword,
  setRoles,
  setClaims,
  disable,
  enable,
  deleteAccount,
  revokeGrant,
  endSession,
]

/** Everything that can be done through the admin API. */
export const adminRoutes: readonly AdminRoute[] = [...reads, ...changes.map(changing), ...ringRoutes]
