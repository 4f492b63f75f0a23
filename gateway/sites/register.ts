import type { FastifyInstance } from 'fastify'
import type { GatewayDeps } from '../deps.ts'
import { createLimiter } from '../limits/limiter.ts'
import { protectOwnRoutes, tellOfResponses } from '../pipeline/own-routes.ts'
import { servedHosts } from '../routing/host.ts'
import type { SiteDeps } from './site.ts'

/** Every site of the configuration, each in a scope of its own. */
export async function registerSites(
  app: FastifyInstance,
  { ctx, accessLog, counters, shedding }: GatewayDeps,
  deps: SiteDeps,
): Promise<void> {
  const { sites, gateway } = ctx.config
  if (sites.length === 0) return
  // The plugin is loaded where there is a site for it.
  const { mountSite } = await import('./site.ts')
  const { clientAddress } = deps
  for (const site of sites) {
    await app.register(async (scope) => {
      const hosts = 'host' in site.at ? servedHosts([site.at.host], deps.protocol) : deps.hosts
      const limiter = createLimiter(`site ${site.id}`, gateway.limits.rate)
      protectOwnRoutes(scope, {
        hosts,
        limiter,
        shed: shedding.of('normal'),
        clientAddress,
      })
      tellOfResponses(scope, { accessLog, metrics: counters, door: 'public', clientAddress, route: site.id })
      await mountSite(scope, site, { ...deps, hosts })
    })
  }
}
