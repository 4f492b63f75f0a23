import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface Sending {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
  /** Whose connections are used; by default each request has its own. */
  readonly agent?: Agent
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Empty when the body is not a JSON object. */
  readonly json: Record<string, unknown>
}

/** One request, on a connection of its own unless told otherwise; fails when the answer breaks off. */
export function send(port: number, sending: Sending): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body, agent = new Agent({ keepAlive: false }) } = sending
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: 'localhost', port, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) })
      })
    })
    outgoing.on('error', reject)
    outgoing.setTimeout(20_000, () => outgoing.destroy(new Error('no answer within 20 s')))
    outgoing.end(body)
  })
}

/** How long the first bytes of an answer may take: a machine with other work is no silence. */
const patienceMs = 15_000
/** Silence is counted in looks: one that comes late, after a pause of this process, is one all the same. */
const lookEveryMs = 50

/** Whatever comes back to these bytes until the other side closes, or has begun and stays silent for `quietMs`. */
export function sendRaw(port: number, bytes: string | Buffer, quietMs = 500): Promise<string> {
  return exchange(port, bytes, [Math.max(patienceMs, quietMs), quietMs])
}

/** Whatever comes back within this time, which should be nothing. */
export function heardWithin(ms: number, port: number, bytes: string): Promise<string> {
  return exchange(port, bytes, [ms, ms])
}

function exchange(
  port: number,
  bytes: string | Buffer,
  [firstMs, quietMs]: readonly [number, number],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    const chunks: Buffer[] = []
    let looksLeft = firstMs / lookEveryMs
    const looking = setInterval(() => --looksLeft > 0 || finish(), lookEveryMs)
    const finish = (): void => {
      clearInterval(looking)
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      looksLeft = quietMs / lookEveryMs
    })
    socket.on('close', finish)
    socket.on('error', (error) => (chunks.length > 0 ? finish() : reject(error)))
  })
}

/** The status of each answer in what `sendRaw` got. */
export function statuses(answer: string): readonly number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

function parsed(text: string): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(text)) }
  } catch {
    return {}
  }
}
