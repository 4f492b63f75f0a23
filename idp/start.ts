import { adminOrigin } from '@gatehouse/kit/admin/origin'
import { createAdminServer } from '@gatehouse/kit/http/admin'
import { listen } from '@gatehouse/kit/http/server'
import type { PartContext, RunningPart } from '@gatehouse/kit/lifecycle'
import { sql } from '@gatehouse/kit/store/kysely'
import { adminApi } from './admin/app.ts'
import { buildApp } from './app.ts'
import { bootstrap } from './bootstrap/bootstrap.ts'
import { certificationWarning } from './certification/flows.ts'
import { buildDeps, type IdpDeps } from './deps.ts'

/**
 * Starts the identity server.
 * @throws StartError when a port is taken, the store cannot be opened or a file of the data folder is missing
 */
export async function start(ctx: PartContext): Promise<RunningPart> {
  const deps = await buildDeps(ctx)
  try {
    await bootstrap(ctx, deps)
    return await serve(ctx, deps)
  } catch (error) {
    await deps.close()
    throw error
  }
}

async function serve(ctx: PartContext, deps: IdpDeps): Promise<RunningPart> {
  const { idp, issuer } = ctx.config
  if (idp.protocol.profile === 'certification') ctx.log.warn(certificationWarning)
  const app = await buildApp(deps, idp)
  const admin = createAdminServer({ log: ctx.log, metrics: deps.metrics, ready: () => isReady(deps) })
  adminApi(admin, deps)
  await listen(app, idp.listen)
  try {
    await listen(admin, idp.admin)
  } catch (error) {
    await app.close()
    throw error
  }
  deps.cleanup.start()
  deps.keeper.start()
  return {
    name: 'idp',
    urls: { issuer, admin: adminOrigin(idp.admin) },
    async stop() {
      await Promise.all([app.close(), admin.close()])
      await deps.close()
    },
  }
}

async function isReady(deps: IdpDeps): Promise<boolean> {
  try {
    await sql`select 1`.execute(deps.store.db)
    return true
  } catch (error) {
    deps.log.warn({ err: error }, 'not ready: the store does not answer')
    return false
  }
}
