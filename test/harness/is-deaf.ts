import { connect } from 'node:net'

/** Whether nobody listens there, as where a server has begun to stop. */
export function isDeaf(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
}
