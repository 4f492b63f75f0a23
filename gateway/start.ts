import { createAdminServer } from '@gatehouse/kit/http/admin'
import { listen } from '@gatehouse/kit/http/server'
import type { PartContext, RunningPart } from '@gatehouse/kit/part'
import { publicApp } from './app.ts'
import { openDeps } from './deps.ts'
import { internalApp } from './internal/app.ts'
import { keepKeys } from './keys.ts'

/**
 * Starts the gateway: public door, internal door, admin listener.
 * @throws StartError, with everything closed again that was open.
 */
export async function start(ctx: PartContext): Promise<RunningPart> {
  await using opened = new AsyncDisposableStack()
  const deps = await openDeps(ctx, opened)
  const { listen: outside, internal, admin, origin } = ctx.config.gateway
  const adminApp = createAdminServer({ log: ctx.log, metrics: deps.metrics, ready: () => deps.ready() })
  // The public door opens last: whoever comes in is served.
  const doors = [
    { app: adminApp, at: admin },
    { app: await internalApp(deps), at: internal },
    { app: await publicApp(deps), at: outside },
  ]
  opened.defer(async () => void (await Promise.all(doors.map(({ app }) => app.close()))))
  for (const { app, at } of doors) await listen(app, at)
  keepKeys(deps, opened)
  const running = opened.move()
  const urls = { public: origin, internal: internal.origin, admin: `http://${admin.host}:${admin.port}` }
  return { name: 'gateway', urls, stop: () => running.disposeAsync() }
}
