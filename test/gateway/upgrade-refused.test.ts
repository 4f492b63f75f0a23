import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../harness/index.ts'
import { liveRoutes } from './live-service.ts'
import { startRig, type Rig } from './rig.ts'

/** A connection that asks for a WebSocket, never closes its side, and what came back on it. */
function asks(rig: Rig, path: string) {
  const socket = connect({ port: rig.port, host: '127.0.0.1', allowHalfOpen: true })
  const seen = { text: '', isClosed: false }
  socket.on('data', (chunk: Buffer) => (seen.text += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => (seen.isClosed = true))
  const lines = [
    `GET ${path} HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}`,
    'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  ]
  socket.write(lines.join('\r\n'))
  return { socket, seen }
}

t.test('a caller who was refused a WebSocket does not keep its connection', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const { socket, seen } = asks(rig, '/api/orders')
  t.ok(await eventually(() => seen.text.startsWith('HTTP/1.1 400')))
  await sleep(700)
  // Only an answer to it shows that the other side is gone.
  const poke = setInterval(() => socket.write('x'), 20)
  t.ok(await eventually(() => seen.isClosed))
  clearInterval(poke)
})

t.test('nor does it keep a gateway from stopping', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const { socket, seen } = asks(rig, '/api/orders')
  t.ok(await eventually(() => seen.text.startsWith('HTTP/1.1 400')))
  const stopped = rig.gateway.stop().then(() => true)
  t.ok(await Promise.race([stopped, sleep(15_000, false, { ref: false })]))
  socket.destroy()
})

t.test('nor does one whose service does not answer the handshake', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  rig.services.orders.upgrade = () => undefined
  const { socket } = asks(rig, '/api/live')
  t.ok(await eventually(() => rig.services.orders.connections === 1))
  const stopped = rig.gateway.stop().then(() => true)
  t.ok(await Promise.race([stopped, sleep(15_000, false, { ref: false })]))
  socket.destroy()
})

for (const status of ['200 OK', '404 Not Found']) {
  for (const websocketsAlone of [false, true]) {
    const how = websocketsAlone ? 'alone' : 'sharing a connection'
    t.test(`a long answer instead of a WebSocket arrives whole: ${status}, ${how}`, async (t) => {
      const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
      const size = 5_000_000
      rig.services.orders.upgrade = (_request, socket) =>
        socket.end(`HTTP/1.1 ${status}\r\ncontent-length: ${size}\r\n\r\n${'a'.repeat(size)}`)
      const { socket, seen } = asks(rig, '/api/live')
      // Long enough for all that lies between to be full.
      socket.pause()
      await sleep(300)
      socket.resume()
      t.ok(await eventually(() => seen.text.length > size))
      t.ok(seen.text.startsWith(`HTTP/1.1 ${status}`))
      socket.destroy()
    })
  }
}
