import { writeFileSync } from 'node:fs'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from '../harness/eventually.ts'
import { startRig } from './rig.ts'

const content = { 'application/json': { schema: { type: 'object' } }, 'text/csv': {} }
const document = {
  openapi: '3.1.0',
  info: { title: 'things', version: '1' },
  paths: { '/things': { post: { requestBody: { content } } } },
}

/** Somebody who thinks for as long as the test wants. */
async function decider(t: Test) {
  const asked: ServerResponse[] = []
  const server = createServer((_request, response) => void asked.push(response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${portOf(server.address())}/` }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

t.test('nobody waits for the body of a caller that has left before it was read', async (t) => {
  const { asked, url } = await decider(t)
  const file = join(t.testdir(), 'things.json')
  writeFileSync(file, JSON.stringify(document))
  const authz = `{ scopes: [orders:read], external: { url: '${url}', timeout: 20s, onFailure: deny } }`
  const config = `
routes:
  - id: things
    match: { path: /things, methods: [POST] }
    authn: [bearer]
    authz: ${authz}
    token: { scopes: [orders:read] }
    limits: { timeout: 10m }
    contract: ${file}
    upstream: orders
`
  const rig = await startRig(t, { config, contracts: true })
  const authorization = `Bearer ${rig.issuer.token()}`
  const framings: readonly Record<string, string>[] = [
    { 'content-length': '9' },
    { 'transfer-encoding': 'chunked' },
  ]
  for (const [at, framing] of framings.entries()) {
    const headers = { authorization, 'content-type': 'application/json', ...framing }
    const leaving = request({ port: rig.port, method: 'POST', path: '/things', headers })
    let isClosed = false
    leaving.on('error', () => undefined).on('close', () => (isClosed = true))
    leaving.write('{')
    t.ok(await eventually(() => asked.length === at + 1))
    leaving.destroy()
    t.ok(await eventually(() => isClosed))
    // Who is answered on a new connection comes after who has left.
    await rig.call({ path: '/healthz', token: null })
    asked[at]?.writeHead(200, { 'content-type': 'application/json' }).end('{"allow":true}')
    const logged = () => rig.log.requests().filter(({ path }) => path === '/things')
    t.ok(await eventually(() => logged().length === at + 1), JSON.stringify(framing))
    t.match(logged()[at], { status: 499 })
  }
  t.equal(rig.reached(), 0)
})
