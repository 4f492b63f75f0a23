import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { sendRaw } from './client.ts'
import { startRig } from './rig.ts'

t.test('the length of what a 304 would have had is not waited for, by nobody', async (t) => {
  const rig = await startRig(t)
  let closed = 0
  rig.services.orders.raw = (socket) => {
    socket.once('close', () => closed++)
    socket.on('data', () =>
      socket.write('HTTP/1.1 304 Not Modified\r\netag: "a"\r\ncontent-length: 5\r\n\r\n'),
    )
  }
  const authorization = `authorization: Bearer ${rig.issuer.token()}\r\n`
  for (let n = 1; n <= 3; n++) {
    const answer = await sendRaw(
      rig.port,
      `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\n${authorization}\r\n`,
    )
    t.match(answer, /^HTTP\/1\.1 304 Not Modified\r\n[^]*etag: "a"[^]*\r\n\r\n$/)
    t.match((await rig.lines(n)).at(-1), { status: 304, code: undefined })
    t.ok(await eventually(() => closed === n), 'a connection on which more would have to come is given up')
  }
})
