import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { asStream } from '@gatehouse/kit/http/direct-reads'
import { buildConnector, Pool } from '@gatehouse/kit/http/undici'
import { eventually } from '../harness/eventually.ts'
import { takeSlowly } from './slow-caller.ts'

type Test = { teardown(run: () => unknown): unknown }

/** A service that does with each connection's first bytes what the test says, and a pool of one connection to it. */
async function connected(t: Test, serve: (socket: Socket) => unknown): Promise<Pool> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => void serve(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const connect = buildConnector({ timeout: 15_000 })
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1, connect })
  t.teardown(async () => {
    await pool.destroy()
    server.close()
  })
  return pool
}

/** Bytes of which each says where it belongs. */
function numbered(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32BE(at, at)
  return bytes
}

/** Ends that come while nobody takes anything: undici took them for a failed assertion, and the process ended. */
for (const [how, cut] of [
  ['ends', (socket: Socket) => void socket.end()],
  ['is reset', (socket: Socket) => void socket.resetAndDestroy()],
] as const) {
  t.test(
    `a connection that ${how} within an answer that nobody takes is an error of that answer`,
    async (t) => {
      const pool = await connected(t, async (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\n')
        await sleep(20)
        socket.write('only this')
        setTimeout(cut, 20, socket)
      })
      await t.rejects(slowly(pool, 100))
      t.equal(pool.stats.size, 0)
    },
  )
}

/** An answer of which nothing is wanted for a while after each piece. */
async function slowly(pool: Pool, pauseMs: number): Promise<Buffer> {
  const { body, error } = await takeSlowly(pool, () => pauseMs)
  if (error !== undefined) throw error
  return body
}

t.test('an answer in pieces of one byte is the same', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-one: a\r\nx-two: b\r\n\r\nhello'
  const pool = await connected(t, async (socket) => {
    socket.setNoDelay(true)
    for (const letter of answer) {
      socket.write(letter)
      await sleep(1)
    }
  })
  const { statusCode, headers, body } = await pool.request({ method: 'GET', path: '/' })
  t.equal(statusCode, 200)
  t.match(headers, { 'x-one': 'a', 'x-two': 'b' })
  t.equal(await body.text(), 'hello')
})

t.test('who takes an answer slowly gets each byte in its place, and the service waits', async (t) => {
  const content = numbered(16 * 1024 * 1024)
  let waiting = 0
  const pool = await connected(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`)
    socket.write(content)
    setTimeout(() => (waiting = socket.writableLength), 100)
  })
  const got = await slowly(pool, 1)
  t.ok(waiting > 0, 'what nobody takes is not read')
  t.ok(got.equals(content))
})

t.test('an answer chunk by chunk, each of which comes when nothing was taken for a while', async (t) => {
  const content = numbered(40_000)
  const pool = await connected(t, async (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    for (let at = 0; at < content.length; at += 1_000) {
      const piece = content.subarray(at, at + 1_000)
      socket.write(Buffer.concat([Buffer.from('3e8\r\n'), piece, Buffer.from('\r\n')]))
      if (at % 5_000 === 0) await sleep(2)
    }
    socket.write('0\r\n\r\n')
  })
  t.ok((await slowly(pool, 5)).equals(content))
})

t.test('an answer without a length ends with its connection', async (t) => {
  const content = numbered(300_000)
  const pool = await connected(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')
    socket.end(content)
  })
  t.ok((await slowly(pool, 1)).equals(content))
})

t.test('what comes unasked ends the connection, and is nobody’s answer', async (t) => {
  let connections = 0
  const pool = await connected(t, (socket) => {
    connections++
    const answer = `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${connections}`
    socket.write(answer)
    setTimeout(() => socket.write(answer.replace('200', '201')), 20)
  })
  const ask = async () => {
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/' })
    return `${statusCode} ${await body.text()}`
  }
  t.equal(await ask(), '200 1')
  t.ok(await eventually(() => pool.stats.connected === 0))
  t.equal(await ask(), '200 2')
})

/** What the service says after it has switched protocols. */
function upgrade(pool: Pool): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  pool.dispatch(
    { method: 'GET', path: '/', upgrade: 'websocket' },
    {
      onConnect: () => undefined,
      onUpgrade: (_status, _headers, socket) => resolve(asStream(socket)),
      onError: reject,
    },
  )
  return promise
}

t.test(
  'a connection that was given away is a stream: with what came at once, to its end, as slowly as one likes',
  async (t) => {
    const content = numbered(4 * 1024 * 1024)
    let waiting = 0
    const pool = await connected(t, (socket) => {
      const head = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
      socket.write(Buffer.concat([Buffer.from(head), content.subarray(0, 100)]))
      socket.end(content.subarray(100))
      setTimeout(() => (waiting = socket.writableLength), 100)
    })
    const stream = await upgrade(pool)
    await sleep(150)
    t.ok(waiting > 0, 'what nobody takes is not read')
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      stream.pause()
      setImmediate(() => stream.resume())
    })
    await once(stream, 'end')
    t.ok(Buffer.concat(chunks).equals(content))
  },
)

t.test('and it can be written to', async (t) => {
  const pool = await connected(t, (socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    socket.pipe(socket)
  })
  const stream = await upgrade(pool)
  stream.end('echo')
  const [chunk] = await once(stream, 'data')
  t.equal(String(chunk), 'echo')
})
