import { request, type ClientRequest } from 'node:http'
import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { startRig, type Rig } from './rig.ts'

const config = `
gateway: { websockets: { max: 1 } }
routes:
  - { id: live, match: { path: /live, methods: [GET] }, authn: none, websocket: true, limits: { timeout: 10m }, upstream: orders }
`

function ask(rig: Rig): ClientRequest {
  const handshake = {
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  }
  const headers = { upgrade: 'websocket', connection: 'Upgrade', ...handshake }
  const asking = request({ port: rig.port, path: '/live', headers })
  asking.on('error', () => undefined).end()
  return asking
}

t.test(
  'a caller that leaves before its WebSocket is open, or cannot wait, leaves its place, and the service',
  async (t) => {
    const rig = await startRig(t, { config, websocketsAlone: true })
    let asked = 0
    let left = 0
    rig.services.orders.upgrade = (_request, socket) => {
      asked++
      socket.on('error', () => undefined).on('close', () => left++)
      socket.resume()
    }
    for (const time of [1, 2, 3]) {
      const leaving = ask(rig)
      t.ok(await eventually(() => asked === time), 'there was a place')
      if (time === 2) leaving.socket?.write('more')
      else leaving.destroy()
      t.ok(await eventually(() => left === time), 'the service is not kept')
      const logged = () => rig.log.requests().filter(({ path }) => path === '/live')
      t.ok(await eventually(() => logged().length === time))
      t.match(logged().at(-1), { status: 499 })
    }
  },
)
