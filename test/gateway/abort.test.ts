import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { startRig, type Rig } from './rig.ts'

const head = (rig: Rig, line: string) =>
  `${line} HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n`

t.test('a caller that leaves before the answer ends the request at the service', async (t) => {
  const rig = await startRig(t)
  let connection: Socket | undefined
  rig.services.orders.answer = (request) => (connection = request.socket)
  const socket = connect(rig.port, '127.0.0.1', () => socket.write(`${head(rig, 'GET /api/orders')}\r\n`))
  await until(() => rig.services.orders.seen.length === 1)
  let closed = false
  connection?.once('close', () => (closed = true))
  socket.destroy()
  await until(() => closed)
  t.ok(closed, 'the connection to the service is given up')
  t.match((await rig.lines()).at(-1), { status: 499, upstream: 'orders', bytes: 0 })
})

t.test('a caller that leaves in the middle of the answer stops the service', async (t) => {
  const rig = await startRig(t)
  let stopped = false
  let written = 0
  rig.services.orders.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    const more = setInterval(() => {
      written++
      response.write('x'.repeat(1000))
    }, 5)
    response.once('close', () => {
      stopped = true
      clearInterval(more)
    })
  }
  const socket = connect(rig.port, '127.0.0.1', () => socket.write(`${head(rig, 'GET /api/orders')}\r\n`))
  socket.once('data', () => socket.destroy())
  await until(() => stopped)
  t.ok(stopped)
  t.ok(written < 200)
})

t.test('a caller that leaves in the middle of its body never makes a whole request', async (t) => {
  const rig = await startRig(t)
  let aborted = false
  rig.services.orders.answer = (request, response) => {
    request.on('data', () => {})
    request.once('error', () => (aborted = true))
    request.once('end', () => response.end())
  }
  for (const framing of [
    'content-length: 1000\r\n\r\nhalf',
    'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n',
  ]) {
    aborted = false
    const socket = connect(rig.port, '127.0.0.1', () =>
      socket.write(`${head(rig, 'POST /api/orders')}${framing}`),
    )
    await until(() => rig.services.orders.seen.length === 1)
    await sleep(20)
    socket.destroy()
    await until(() => aborted)
    t.ok(aborted, framing.slice(0, 17))
    rig.services.orders.seen.length = 0
  }
  t.match(
    (await rig.lines(2)).map((line) => line['status']),
    [499, 499],
  )
})

t.test('a slow reader slows the service down instead of filling memory', async (t) => {
  const rig = await startRig(t)
  let accepted = 0
  rig.services.orders.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': String(200 * 1024 * 1024) })
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const pump = (): void => {
      while (accepted < 200 * 1024 * 1024) {
        accepted += chunk.length
        if (!response.write(chunk)) return void response.once('drain', pump)
      }
    }
    pump()
  }
  const socket = connect(rig.port, '127.0.0.1', () => socket.write(`${head(rig, 'GET /api/orders')}\r\n`))
  socket.pause()
  let before = -1
  // Until nothing more is taken for a while, however long it takes to fill what lies between.
  for (let look = 0; look < 30 && accepted !== before; look++) {
    before = accepted
    await sleep(300)
  }
  t.equal(accepted, before, 'it waits')
  t.ok(accepted < 30 * 1024 * 1024, `${accepted} bytes were taken`)
  socket.resume()
  // What lies in buffers on the way comes first.
  await until(() => accepted > before)
  t.ok(accepted > before, 'and goes on when the reader does')
  socket.destroy()
})
