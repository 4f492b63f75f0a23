import { connect, type Socket } from 'node:net'
import t from 'tap'
import { startRig } from '../gateway/rig.ts'
import { until } from '../harness/eventually.ts'

t.test('callers that drip their headers hold nobody up, and are let go', { timeout: 240_000 }, async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  const slow = Array.from({ length: 200 }, () =>
    drip(rig.port, `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nx-a: `),
  )
  t.teardown(() => slow.forEach(({ socket }) => socket.destroy()))
  let gone = 0
  for (const { closed } of slow) void closed.then(() => (gone += 1))
  for (let n = 0; n < 50; n++) t.equal((await rig.call({ path: '/api/orders', token })).status, 200)
  t.equal(gone, 0, 'others do not wait for the end of these')
  await Promise.all(slow.map(({ closed }) => closed))
  t.match(slow[0]?.answer(), /^HTTP\/1\.1 408 /)
  t.equal(rig.services.orders.seen.length, 50)
})

t.test('a body that drips is cut at the deadline of the route', async (t) => {
  const rig = await startRig(t, { config: 'routes:\n  - { id: orders.create, limits: { timeout: 500ms } }' })
  const head = `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\ncontent-length: 1000\r\n\r\n`
  const { closed, answer, socket } = drip(rig.port, head)
  t.teardown(() => socket.destroy())
  const begun = performance.now()
  await closed
  t.ok(performance.now() - begun < 15_000, 'it is not waited for until the server gives up, which takes 30 s')
  t.match(answer(), /^HTTP\/1\.1 408 [^]*connection: close/i)
  // Its service sees the end a moment after the caller.
  await until(() => rig.services.orders.seen.every((seen) => seen.aborted))
  t.ok(
    rig.services.orders.seen.every((seen) => seen.body === ''),
    'the service has no whole request',
  )
})

t.test('callers that read nothing hold nobody up, and are let go', { timeout: 240_000 }, async (t) => {
  const rig = await startRig(t, { config: 'routes: [{ id: orders.list, limits: { timeout: 1s } }]' })
  const size = 8 * 1024 * 1024
  rig.services.orders.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': String(size) })
    response.end(Buffer.alloc(size, 'x'))
  }
  const token = rig.issuer.token()
  const head = `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${token}\r\n\r\n`
  const readers = Array.from({ length: 10 }, () => {
    const socket = connect(rig.port, '127.0.0.1', () => socket.write(head))
    socket.on('error', () => socket.destroy())
    return socket.pause()
  })
  t.teardown(() => readers.forEach((socket) => socket.destroy()))
  for (let n = 0; n < 20; n++) t.equal((await rig.call({ path: '/api/users/me', token })).status, 200)
  const cut = async (): Promise<number> =>
    (await rig.lines()).filter((line) => line['route'] === 'orders.list').length
  let gone = 0
  for (let look = 0; look < 50 && gone < 10; look++) gone = await cut()
  t.equal(gone, 10, 'the deadline of the route is theirs as well')
})

/** Sends the beginning, and then a byte now and then until the other side has enough. */
function drip(
  port: number,
  start: string,
): { readonly socket: Socket; readonly closed: Promise<void>; readonly answer: () => string } {
  let timer: NodeJS.Timeout | undefined
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(start)
    timer = setInterval(() => socket.write('a'), 100)
  })
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.on('error', () => socket.destroy())
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      clearInterval(timer)
      resolve()
    })
  })
  return { socket, closed, answer: () => text }
}
