import { TLSSocket } from 'node:tls'

/** The connections that are open, each with the serial number of who is at the other end. */
export class OpenConnections {
  readonly #serials = new Map<TLSSocket, string>()
  #revoked: ReadonlySet<string> = new Set()

  /**
   * From now on until it closes, which is at once where its certificate has been revoked since its handshake began: that goes
   * by the list of then. Sockets without a certificate at the other end are not its business.
   */
  add(socket: unknown): void {
    if (!(socket instanceof TLSSocket)) return
    const serial = socket.getPeerX509Certificate()?.serialNumber
    if (serial === undefined) return
    if (this.#revoked.has(serial)) return void socket.destroy()
    this.#serials.set(socket, serial)
    socket.once('close', () => this.#serials.delete(socket))
  }

  /** Ends those of the certificates with these serial numbers, whatever is under way. @returns how many */
  end(revoked: ReadonlySet<string>): number {
    this.#revoked = revoked
    const ended = [...this.#serials].filter(([, serial]) => revoked.has(serial))
    for (const [socket] of ended) socket.destroy()
    return ended.length
  }
}
