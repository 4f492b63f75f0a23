import http from 'node:http'
import { payload, payloadPath } from '../upstream/payload.ts'
import type { Stage, Upstream } from '../run/stage.ts'
import type { Contestant, Running } from './contestant.ts'

const size = 300

/** Before a contestant is measured it must do what it is listed for: forward right, and refuse what it says it checks. */
export async function preflight(
  stage: Stage,
  contestant: Contestant,
  running: Running,
  upstream: Upstream,
): Promise<void> {
  const algorithm = contestant.checks
  const token = stage.issuer.token({ sub: 'acc-preflight', algorithm: algorithm ?? 'ES256' })
  const good = await get(running, token)
  if (good.status !== 200 || good.body !== payload(size))
    throw new Error(`a good request was answered ${good.status} ${good.body.slice(0, 300)}`)
  if (algorithm === undefined) return
  const before = (await upstream.seen()).requests
  const expired = stage.issuer.token({ sub: 'acc-preflight', algorithm, lifetime: -3600 })
  for (const bad of [undefined, tampered(token), expired]) {
    const { status } = await get(running, bad)
    if (status !== 401) throw new Error(`a bad token was answered ${status}, not 401`)
  }
  if ((await upstream.seen()).requests !== before) throw new Error('a refused request reached the upstream')
}

function tampered(token: string): string {
  const at = token.length - 20
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

async function get(running: Running, token: string | undefined): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const options = {
    host: running.host,
    port: running.port,
    path: payloadPath(size),
    headers,
    agent: false,
    timeout: 5000,
  }
  http
    .get(options, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    .on('error', reject)
    .on('timeout', () => reject(new Error('no answer to the first request within 5 s')))
  return promise
}
