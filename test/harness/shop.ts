import type { Call } from '@gatehouse/kit'
import type { Clock } from '@gatehouse/kit/clock'
import type { RunningPart } from '@gatehouse/kit/lifecycle'
import type { Answered } from '@gatehouse/kit/testing/answered'
import { start as startInventory } from '../../services/inventory/start.ts'
import { start as startOrders } from '../../services/orders/start.ts'
import { start as startUsers } from '../../services/users/start.ts'
import { FakeDoor, type DoorHandler } from './door.ts'
import { forwardTo } from './door-forward.ts'
import { createTrust, internalToken, type Trust } from './internal.ts'
import { CapturedLog, ServiceClient, serviceContext, type ServiceContextOptions } from './service.ts'

type Name = 'users' | 'orders' | 'inventory'

type Stores = NonNullable<ServiceContextOptions['stores']>

/** What the default configuration gives the internal tokens of each service's routes. */
const scopes: Readonly<Record<Name, string>> = {
  users: 'users:read',
  orders: 'orders:read orders:write users:read inventory:reserve',
  inventory: 'inventory:read inventory:write inventory:reserve',
}

export interface Request {
  readonly method?: string
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Account or client id; default `acc-alice`. */
  readonly sub?: string
  readonly roles?: readonly string[]
  readonly scope?: string
}

/** A test says itself when something is settled. */
const never = { firstAfterMs: 3_600_000, everyMs: 3_600_000 }

/** An order has its time of 2 s with others: many at once, on a machine with much to do, take longer. */
const patiently =
  (call: Call): Call =>
  (caller, to, request) =>
    call(caller, to, { ...request, timeoutMs: 30_000 })

/** The three demo services behind a door that forwards between them. */
export interface Shop {
  readonly trust: Trust
  readonly door: FakeDoor
  /** The door's usual handler, for tests that put another in its place. */
  readonly forward: DoorHandler
  readonly log: CapturedLog
  to(name: Name, path: string, request?: Request): Promise<Answered>
  stock(sku: string): Promise<unknown>
  stop(): Promise<void>
}

/** @param dir an existing folder of the test's own. */
export async function startShop(
  dir: string,
  o: {
    readonly stores?: Stores
    readonly clock?: Clock
    readonly demo?: boolean
  } = {},
): Promise<Shop> {
  const trust = await createTrust(dir)
  const door = await FakeDoor.start(trust)
  const log = new CapturedLog()
  const context = () => serviceContext({ ...o, trust, door: door.origin, log })
  const [users, orders, inventory] = await Promise.all([
    startUsers(context()),
    startOrders(context(), never, patiently),
    startInventory(context()),
  ])
  const forward = forwardTo(trust, { users: urlOf(users), inventory: urlOf(inventory) }, o.clock)
  door.handler = forward
  const clients: Readonly<Record<Name, ServiceClient>> = {
    users: new ServiceClient(trust, users),
    orders: new ServiceClient(trust, orders),
    inventory: new ServiceClient(trust, inventory),
  }
  const to: Shop['to'] = (name, path, request = {}) => {
    const { sub = 'acc-alice', roles = ['customer'], scope = scopes[name], ...rest } = request
    const token = internalToken(trust, { aud: name, sub, roles, scope }, o.clock)
    return clients[name].send({ ...rest, path, token })
  }
  // A service that has no keys yet is asked again by a test, and not by another service.
  await Promise.all([
    to('users', '/api/users/me'),
    to('orders', '/api/orders'),
    to('inventory', '/api/inventory'),
  ])
  return {
    trust,
    door,
    forward,
    log,
    to,
    stock: async (sku) => {
      const { json } = await to('inventory', '/api/inventory')
      return Object(json).items.find((item: unknown) => Object(item).sku === sku)?.quantity
    },
    stop: async () => {
      await Promise.all(Object.values(clients).map((client) => client.close()))
      await Promise.all([users, orders, inventory].map((part) => part.stop()))
      await door.stop()
    },
  }
}

function urlOf(part: RunningPart): string {
  return part.urls['url'] ?? ''
}
