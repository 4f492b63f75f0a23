import type { PartContext } from '@gatehouse/kit/lifecycle'
import type { IdpDeps } from '../deps.ts'
import { registerConfigured } from './configured-clients.ts'
import { makeDemo } from './demo.ts'
import { registerCli } from './cli-client.ts'
import { registerGateway } from './gateway-client.ts'
import { refuseDemo } from './no-demo.ts'

/**
 * What must exist before the first request: the clients of the gateway and of the command line, kept as the configuration says, and, once
 * and where the configuration allows it, the demo's people and clients.
 * @throws StartError when a key file of the data folder is missing, or in production for a store with the demo's people or clients
 */
export async function bootstrap(ctx: PartContext, deps: IdpDeps): Promise<void> {
  const isNew = (await deps.accounts.isEmpty()) && (await deps.clients.isEmpty())
  if (isNew && ctx.config.idp.demo && !ctx.production) await makeDemo(ctx, deps)
  if (ctx.production) await refuseDemo(ctx, deps)
  await registerGateway(ctx, deps)
  await registerConfigured(ctx, deps)
  await registerCli(ctx, deps)
}
