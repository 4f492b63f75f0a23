import { runProcess } from '../process.ts'
import { startService, type ServiceOptions } from '../service.ts'
import type { Listen } from '../config/types.ts'
import { contextFromEnvironment } from './context.ts'

/**
 * The whole process of a service: starts it as the environment says (`contextFromEnvironment`), and stops it on SIGTERM
 * and SIGINT once the requests under way are answered. What keeps it from starting is one line on stderr.
 * @param options.listen where to listen when `GATEHOUSE_LISTEN` does not say.
 */
export async function runService(
  options: Omit<ServiceOptions, 'context'> & { readonly listen?: Listen },
): Promise<void> {
  const { listen, ...service } = options
  return runProcess(options.name, () => {
    const context = contextFromEnvironment(options.name, process.env, { listen })
    return { log: context.log, started: startService({ ...service, context }) }
  })
}
