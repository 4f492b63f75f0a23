import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import { sendRaw } from './client.ts'
import { startRig } from './rig.ts'
import { bareHeads, broken, head, unusable as unusableAll } from './upstream-faults.ts'

/** What forward-faults.test.ts asks of services, for a site that says these bytes to whoever asks. */
async function siteSays(t: Test, timeout = '15s') {
  let answer: (socket: Socket) => void = () => undefined
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const rig = await startRig(t, {
    config: `sites: [{ id: shop, prefix: /shop, target: 'http://127.0.0.1:${port}', timeout: ${timeout} }]`,
  })
  const says = (bytes: string, then: (socket: Socket) => void = () => undefined): void => {
    answer = (socket) => void socket.write(bytes, () => then(socket))
  }
  const get = `GET /shop/ HTTP/1.1\r\nhost: ${rig.host}\r\nconnection: close\r\n\r\n`
  return { rig, says, get }
}

const closes = (socket: Socket): void => void setTimeout(() => socket.end(), 30)
const resets = (socket: Socket): void => void setTimeout(() => socket.resetAndDestroy(), 30)

// Of a site such an answer is taken: pages are often served that way.
const unstated = 'a body whose end only the connection tells'
const { [unstated]: untilTheEnd = '', ...unusable } = unusableAll

t.test('an answer of a site that cannot be used, or breaks off after its head, is 502', async (t) => {
  const { rig, says } = await siteSays(t)
  for (const [what, bytes] of Object.entries({ ...unusable, ...bareHeads, nothing: '' })) {
    for (const then of [closes, resets]) {
      says(bytes.replace(head, `${head}etag: "a"\r\ncontent-encoding: gzip\r\n`), then)
      for (const body of [{}, { method: 'POST', body: '{}' }]) {
        const answer = await rig.call({ path: '/shop/', ...body })
        t.match([answer.status, answer.json['code']], [502, 'bad_gateway'], `${what}, ${then.name}`)
        const headers = {
          etag: undefined,
          'content-encoding': undefined,
          'x-content-type-options': 'nosniff',
        }
        t.match(answer.headers, headers, 'ours, and nothing of what the site said')
        t.notMatch(withoutTxn(answer.text), /localhost|127\.0|undici|Parser|HPE|FST/i, what)
      }
    }
  }
})

t.test('one that breaks off later never looks whole', async (t) => {
  const { rig, says, get } = await siteSays(t)
  const cases = Object.entries(broken).flatMap(([what, bytes]) => [
    [what, bytes, closes] as const,
    [what, bytes, resets] as const,
  ])
  for (const [what, bytes, then] of [...cases, [unstated, untilTheEnd, resets] as const]) {
    says(bytes, then)
    const answer = await sendRaw(rig.port, get)
    t.match(answer, /^HTTP\/1\.1 200 OK[^]*hello/, `${what}: it had begun`)
    t.notMatch(answer, /\r\n0\r\n\r\n$/, `${what}, ${then.name}: no last chunk`)
  }
  says(untilTheEnd, closes)
  t.match(await sendRaw(rig.port, get), /hello\r\n0\r\n\r\n$/, 'what says that it has ended is whole')
})

t.test(
  'a site that is silent is 504, before the head of its answer and after, and so are interim answers without an end',
  async (t) => {
    const { rig, says } = await siteSays(t, '300ms')
    for (const [what, bytes] of Object.entries({ ...bareHeads, nothing: '', 'half a head': head })) {
      says(bytes)
      const answer = await rig.call({ path: '/shop/' })
      t.match([answer.status, answer.json['code']], [504, 'gateway_timeout'], what)
    }
    says('', (socket) => {
      const more = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20)
      socket.once('close', () => clearInterval(more))
    })
    const answer = await rig.call({ path: '/shop/' })
    t.match([answer.status, answer.json['code']], [504, 'gateway_timeout'])
  },
)
