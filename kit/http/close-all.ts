import type { Server } from 'node:http'

/** Has a server that closes all its connections close others too, which Node does not count among them. */
export function closesAlso(server: Server, closeOthers: () => void): void {
  const closeAll = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAll()
    closeOthers()
  }
}
