import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext, TLSSocket } from 'node:tls'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { buildConnector, Pool } from '@gatehouse/kit/http/undici'
import fc from 'fast-check'
import t from 'tap'
import { takeSlowly } from './slow-caller.ts'

type Framing = 'length' | 'chunks' | 'end'

interface Answer {
  readonly framing: Framing
  readonly size: number
  /** Bytes of each write, in turn. */
  readonly pieces: readonly number[]
  /** After how many writes the service waits a moment. */
  readonly rest: number
  /** The service closes, or resets, before it has said all. */
  readonly cut: 'not' | 'closes' | 'resets'
  /** How long the caller wants nothing after each piece, in milliseconds; 0: it goes on. */
  readonly pauses: readonly number[]
}

const answers: fc.Arbitrary<Answer[]> = fc.array(
  fc.record({
    framing: fc.constantFrom<Framing>('length', 'chunks', 'end'),
    size: fc.oneof(fc.nat(100), fc.nat(150_000), fc.constantFrom(0, 16_384, 65_536)),
    pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1_000, max: 80_000 })), {
      minLength: 1,
      maxLength: 5,
    }),
    rest: fc.integer({ min: 1, max: 20 }),
    cut: fc.constantFrom('not', 'not', 'not', 'closes', 'resets'),
    pauses: fc.array(fc.constantFrom(0, 0, 1, 3), { minLength: 1, maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 4 },
)

/** Bytes of which each says where it belongs. */
const content = Buffer.alloc(200_000)
for (let at = 0; at < content.length; at += 4) content.writeUInt32BE(at, at)

/** The answer as it goes over the wire; what is cut lacks its end. */
function wire({ framing, size, pieces, cut }: Answer): readonly Buffer[] {
  const heads = {
    length: `content-length: ${size + (cut === 'not' ? 0 : 1)}\r\n`,
    chunks: 'transfer-encoding: chunked\r\n',
    end: 'connection: close\r\n',
  }
  const written: Buffer[] = [Buffer.from(`HTTP/1.1 200 OK\r\n${heads[framing]}\r\n`)]
  for (let at = 0, n = 0; at < size; n++) {
    // Not so many that it takes minutes: a caller may pause at each.
    const length = Math.max(pieces[n % pieces.length] ?? 1, size / 100)
    const piece = content.subarray(at, Math.min(size, at + Math.ceil(length)))
    at += piece.length
    written.push(framing === 'chunks' ? chunk(piece) : piece)
  }
  if (framing === 'chunks' && cut === 'not') written.push(Buffer.from('0\r\n\r\n'))
  return written
}

function chunk(piece: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
}

/** Answers one request after the other, on whichever connection it comes. */
async function say(socket: Socket, answer: Answer | undefined, reset: () => void): Promise<void> {
  if (answer === undefined) return void socket.destroy()
  for (const [n, bytes] of wire(answer).entries()) {
    if (n % answer.rest === 0) await sleep(1)
    socket.write(bytes)
  }
  if (answer.cut === 'resets') reset()
  else if (answer.cut === 'closes' || answer.framing === 'end') socket.end()
}

async function inTurn(pool: Pool, list: readonly Answer[]): Promise<boolean> {
  for (const answer of list) {
    const { pauses } = answer
    const { body, error } = await takeSlowly(pool, (pieces) => pauses[pieces % pauses.length] ?? 0)
    const isWhole = error === undefined
    const sent = content.subarray(0, answer.size)
    // Where only the connection tells the end, one that is closed early looks whole: the gateway refuses those.
    const looksWhole = answer.cut === 'not' || (answer.framing === 'end' && answer.cut === 'closes')
    const mayLookWhole = looksWhole || answer.framing === 'end'
    if (looksWhole ? !isWhole || !body.equals(sent) : isWhole && !mayLookWhole) return false
    if (!body.equals(sent.subarray(0, body.length))) return false
  }
  return true
}

const day = 86_400_000
const ca = createCa({ trustDomain: 'gatehouse.local', days: 10, now: new Date(Date.now() - day) })
const { certPem, keyPem } = issueWorkload({
  ca,
  trustDomain: 'gatehouse.local',
  name: 'orders',
  hosts: ['localhost'],
  days: 2,
  now: new Date(),
})

const context = createSecureContext({ cert: certPem, key: keyPem })

/** What is spoken over a connection. */
const kinds: Readonly<Record<string, (raw: Socket) => Socket>> = {
  'http:': (raw) => raw,
  'https:': (raw) => new TLSSocket(raw, { isServer: true, secureContext: context }),
}

for (const [protocol, speaking] of Object.entries(kinds)) {
  t.test(
    `property: ${protocol} every byte arrives once and in its place, and what is cut is told`,
    async (t) => {
      let rest: Answer[] = []
      const server = createServer((raw) => {
        const socket = speaking(raw)
        for (const side of [raw, socket]) side.on('error', () => undefined)
        socket.on('data', () => void say(socket, rest.shift(), () => void raw.resetAndDestroy()))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      t.teardown(() => server.close())
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      const property = fc.asyncProperty(answers, async (list) => {
        rest = [...list]
        const connect = buildConnector({ timeout: 15_000, ca: ca.certPem })
        const pool = new Pool(`${protocol}//localhost:${port}`, { connections: 1, connect })
        const isRight = await inTurn(pool, list)
        await pool.destroy()
        return isRight
      })
      await t.resolves(fc.assert(property, { numRuns: 25 }))
    },
  )
}
