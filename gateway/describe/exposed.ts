import type { RouteConfig } from '@gatehouse/kit/config/types'
import type { Contract } from '../contract/compile.ts'

/** A route as callers may know it. */
export interface ExposedRoute {
  readonly config: Pick<
    RouteConfig,
    'id' | 'match' | 'authn' | 'authz' | 'cors' | 'websocket' | 'stream' | 'headers'
  >
  readonly contract: Contract | undefined
  /** Lower-case names of the request headers that its service gets. */
  readonly requestHeaders: readonly string[]
}
