import { adminOrigin } from '@gatehouse/kit/admin/origin'
import type { Config } from '@gatehouse/kit/config/types'
import { createAdminServer } from '@gatehouse/kit/http/admin'
import { listen } from '@gatehouse/kit/http/server'
import type { PartContext, RunningPart } from '@gatehouse/kit/part'
import { adminApi } from './admin/api.ts'
import { publicApp } from './app.ts'
import { openDeps, type GatewayDeps } from './deps.ts'
import { internalApp } from './internal/app.ts'
import { explainEndpoint } from './explain/endpoint.ts'
import { Edges } from './internal/edges.ts'
import { keepKeys } from './keys.ts'
import { eventLoopLag, type LagSource } from './overload/lag.ts'
import { followChanges } from './reload/follow.ts'
import { tlsFollower } from './reload/follow-tls.ts'
import { HangUps } from './reload/hang-ups.ts'
import { prepare, type Following } from './reload/prepare.ts'
import { Reloader } from './reload/reloader.ts'

/**
 * Starts the gateway: public door, internal door, admin listener.
 * @param lag of the event loop.
 * @throws StartError, with everything closed again that was open.
 */
export async function start(ctx: PartContext, lag: LagSource = eventLoopLag): Promise<RunningPart> {
  await using opened = new AsyncDisposableStack()
  const hangUps = new HangUps(opened)
  const deps = await openDeps(ctx, opened, lag)
  const { listen: outside, internal, admin, origin } = ctx.config.gateway
  const adminApp = createAdminServer({ log: ctx.log, metrics: deps.metrics, ready: () => deps.ready() })
  adminApi(adminApp, deps)
  const edges = new Edges(ctx.config.edges)
  const followTls = tlsFollower(ctx)
  const { app: publicDoor, table, compile, description, own } = await publicApp(deps)
  const { upstreams, events } = deps
  const following = { upstreams, compile, table, edges, description, events }
  const reloader = reloaderOf(deps, following)
  explainEndpoint(adminApp, { ...deps, table, own, config: () => reloader.config })
  // The public door opens last: whoever comes in is served.
  const doors = [
    { app: adminApp, at: admin },
    { app: await internalApp({ ...deps, edges }), at: internal },
    { app: publicDoor, at: outside },
  ]
  opened.defer(async () => void (await Promise.all(doors.map(({ app }) => app.close()))))
  for (const { app, at } of doors) await listen(app, at)
  keepKeys(deps, opened)
  followTls(publicDoor.server, opened)
  if (ctx.source !== undefined) followChanges(reloader, ctx.source, hangUps, opened)
  const running = opened.move()
  const urls = { public: origin, internal: internal.origin, admin: adminOrigin(admin) }
  return { name: 'gateway', urls, stop: () => running.disposeAsync() }
}

function reloaderOf({ ctx: { config, source, log }, metrics }: GatewayDeps, following: Following): Reloader {
  const load = async (): Promise<Config> => (await source?.load()) ?? config
  return new Reloader({ config, load, prepare: (next) => prepare(following, next), log, metrics })
}
