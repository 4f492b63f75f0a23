import type { Listen } from '../config/types.ts'

/** Where an admin listener is reached from its own machine: any address is loopback there, one of IPv6 goes in brackets. */
export function adminOrigin({ host, port }: Listen): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
