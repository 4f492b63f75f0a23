import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config, Listen } from '@gatehouse/kit/config/types'
import type { PartName } from '@gatehouse/kit/part'

/** The processes that make up the house, and the folder that each one's `main.ts` is in. */
export const folders: Readonly<Record<PartName, string>> = {
  idp: 'idp',
  gateway: 'gateway',
  users: 'services/users',
  orders: 'services/orders',
  inventory: 'services/inventory',
}

/** For `import`, to which a path is a URL: behind `#` or `?` in the name of a folder it would find nothing. */
export function urlIn(root: string, ...path: readonly string[]): string {
  return pathToFileURL(join(root, ...path)).href
}

/** Everything that will be listened on, so that a taken port is found before anything starts. */
export function listeners(config: Config): readonly { readonly part: PartName; readonly at: Listen }[] {
  const { gateway, idp, services } = config
  return [
    { part: 'gateway', at: gateway.listen },
    { part: 'gateway', at: gateway.internal },
    { part: 'gateway', at: gateway.admin },
    { part: 'idp', at: idp.listen },
    { part: 'idp', at: idp.admin },
    { part: 'users', at: services.users.listen },
    { part: 'orders', at: services.orders.listen },
    { part: 'inventory', at: services.inventory.listen },
  ]
}
