import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { Caller } from '../authn/caller.ts'
import type { LiveAuthority } from '../revocation/live.ts'
import { closeCodes } from './tunnel.ts'
import type { Tunnels } from './tunnels.ts'

export interface OpenDeps {
  readonly tunnels: Tunnels
  readonly live: LiveAuthority
}

/**
 * Joins both sides for as long as the caller's authority lasts. What is alive in here stays so with the WebSocket: the
 * request and its headers are not.
 */
export function openWebSocket(
  { tunnels, live }: OpenDeps,
  sides: { readonly caller: Socket; readonly service: Duplex },
  head: string,
  authority: Caller | undefined,
): void {
  const { caller, service } = sides
  // Pings show whether it is still there.
  caller.setTimeout(0)
  caller.write(head)
  let unwatch: (() => void) | undefined
  const tunnel = tunnels.join(caller, service, () => unwatch?.())
  if (authority !== undefined) unwatch = live.watch(authority, () => tunnel.close(closeCodes.unauthorized))
}
