import { createCa, issueWorkload, type CertifiedKey, type Purpose } from '@gatehouse/kit/mtls/ca'
import { createMtlsClient, fetchJson } from '@gatehouse/kit/http/client'
import { peerSpiffeId, spiffeId, spiffeIdIn, workloadName } from '@gatehouse/kit/mtls/identity'
import { loadWorkload, type WorkloadMaterial } from '@gatehouse/kit/mtls/material'
import { mtlsConnect, mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import * as fc from 'fast-check'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, TLSSocket, type ConnectionOptions } from 'node:tls'
import t, { type Test } from 'tap'

const trustDomain = 'gatehouse.local'
const day = 86_400_000
const now = new Date()
/** A machine with much to do may need long for a handshake. */
const connectTimeoutMs = 15_000

interface Issue {
  readonly name: string
  readonly ca?: CertifiedKey
  readonly trustDomain?: string
  readonly now?: Date
  readonly days?: number
  readonly hosts?: readonly string[]
  readonly purposes?: readonly Purpose[]
}

const ca = createCa({ trustDomain, days: 3650, now: new Date(now.getTime() - 30 * day) })
const foreignCa = createCa({ trustDomain, days: 10, now })

/** Certificate of one workload; it always trusts the real CA. */
async function material(issue: Issue): Promise<WorkloadMaterial> {
  const hosts = ['localhost', '127.0.0.1', '::1']
  const { certPem, keyPem } = issueWorkload({ ca, trustDomain, now, days: 30, hosts, ...issue })
  const id = spiffeId(issue.trustDomain ?? trustDomain, issue.name)
  return { spiffeId: id, trustDomain, cert: certPem, key: keyPem, ca: ca.certPem }
}

const orders = await material({ name: 'orders' })
const gateway = await material({ name: 'gateway' })

interface Seen {
  readonly port: number
  /** Peers whose request arrived. */
  readonly peers: (string | undefined)[]
}

async function serve(on: Test, m: WorkloadMaterial, clientCertificate: 'require' | 'request'): Promise<Seen> {
  const peers: (string | undefined)[] = []
  const server: Server = createServer(mtlsServerOptions(m, { clientCertificate }), (request, response) => {
    const peer = request.socket instanceof TLSSocket ? peerSpiffeId(request.socket) : 'not TLS'
    peers.push(peer)
    if (request.url === '/silent') return
    if (request.url === '/moved') response.statusCode = 302
    response.end(request.url === '/text' ? 'no json' : JSON.stringify({ peer: peer ?? null }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  on.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, peers }
}

interface Call {
  readonly from: WorkloadMaterial
  readonly expected?: string
  readonly host?: string
}

async function call(on: Test, port: number, { from, expected = orders.spiffeId, host = 'localhost' }: Call) {
  const origin = `https://${host}:${port}`
  const pool = createMtlsClient({ material: from, expected, origin, connectTimeoutMs })
  on.teardown(() => pool.destroy())
  return fetchJson(pool, '/', { timeoutMs: 15_000, maxBytes: 1_000 })
}

t.test('workloads of one CA talk to each other and know who it is, by name and by address', async (on) => {
  const { port } = await serve(on, orders, 'require')
  for (const host of ['localhost', '127.0.0.1']) {
    on.same(await call(on, port, { from: gateway, host }), { peer: 'spiffe://gatehouse.local/gateway' })
  }
})

t.test('a server refuses, in the handshake, clients that are not ours', async (on) => {
  const { port, peers } = await serve(on, orders, 'require')
  const refused = {
    'foreign CA': await material({ name: 'gateway', ca: foreignCa }),
    expired: await material({ name: 'gateway', now: new Date(now.getTime() - 20 * day), days: 10 }),
    'not yet valid': await material({ name: 'gateway', now: new Date(now.getTime() + 5 * day) }),
    'server certificate as client': await material({ name: 'gateway', purposes: ['server'] }),
    'no certificate': { ...gateway, cert: '', key: '' },
    'certificate without its key': { ...gateway, key: orders.key },
  }
  for (const [what, from] of Object.entries(refused)) {
    await on.rejects(call(on, port, { from }), { name: 'FetchError', code: 'unreachable' }, what)
  }
  on.same(peers, [], 'no request arrived')
})

t.test('a server that only asks lets them in as nobody', async (on) => {
  const { port } = await serve(on, orders, 'request')
  on.same(await call(on, port, { from: gateway }), { peer: gateway.spiffeId })
  for (const from of [
    { ...gateway, cert: '', key: '' },
    await material({ name: 'gateway', ca: foreignCa }),
    await material({ name: 'gateway', now: new Date(now.getTime() - 20 * day), days: 10 }),
    await material({ name: 'gateway', purposes: ['server'] }),
  ]) {
    on.same(await call(on, port, { from }), { peer: null })
  }
})

t.test('a client refuses every server but the one it expects', async (on) => {
  const refused = {
    'another workload of our CA, at the right address': gateway,
    'foreign CA': await material({ name: 'orders', ca: foreignCa }),
    expired: await material({ name: 'orders', now: new Date(now.getTime() - 20 * day), days: 10 }),
    'client certificate as server': await material({ name: 'orders', purposes: ['client'] }),
    'another trust domain': await material({ name: 'orders', trustDomain: 'other.local' }),
  }
  for (const [what, server] of Object.entries(refused)) {
    const { port, peers } = await serve(on, server, 'request')
    for (const host of ['localhost', '127.0.0.1']) {
      await on.rejects(call(on, port, { from: gateway, host }), { code: 'unreachable' }, what)
    }
    on.same(peers, [], 'no request was sent')
  }
})

t.test('the address is no identity: a certificate without DNS names will do', async (on) => {
  const bare = await material({ name: 'orders', hosts: [] })
  const { port } = await serve(on, bare, 'require')
  on.same(await call(on, port, { from: gateway }), { peer: gateway.spiffeId })
})

t.test('sessions are not resumed: each connection proves both identities again', async (on) => {
  const { port, peers } = await serve(on, orders, 'require')
  const options: ConnectionOptions = {
    host: '127.0.0.1',
    port,
    ...mtlsConnect(gateway, orders.spiffeId),
  }
  const first = await handshake(options)
  const withTicket = first.session === undefined ? options : { ...options, session: first.session }
  on.notOk((await handshake(withTicket)).reused, 'the server resumes nothing')
  const noCertificate = { ...withTicket, cert: undefined, key: undefined }
  await on.rejects(handshake(noCertificate), 'a ticket does not stand for a certificate')
  on.same(
    peers.filter((peer) => peer !== gateway.spiffeId),
    [],
  )
  on.equal(mtlsConnect(gateway, orders.spiffeId).maxCachedSessions, 0, 'the client keeps none')
})

t.test('TLS 1.3 only', async (on) => {
  const { port } = await serve(on, orders, 'require')
  const options = { host: '127.0.0.1', port, ...mtlsConnect(gateway, orders.spiffeId) }
  await on.rejects(handshake({ ...options, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }))
  on.equal((await handshake(options)).protocol, 'TLSv1.3')
})

t.test('a document that is not one is refused, with a reason', async (on) => {
  const { port } = await serve(on, orders, 'require')
  const pool = createMtlsClient({
    material: gateway,
    expected: orders.spiffeId,
    origin: `https://localhost:${port}`,
    connectTimeoutMs,
  })
  on.teardown(() => pool.destroy())
  const limits = { timeoutMs: 15_000, maxBytes: 1_000 }
  await on.rejects(fetchJson(pool, '/text', limits), { code: 'not_json' })
  await on.rejects(fetchJson(pool, '/moved', limits), { code: 'bad_status' })
  await on.rejects(fetchJson(pool, '/silent', { ...limits, timeoutMs: 50 }), { code: 'timeout' })
  await on.rejects(fetchJson(pool, '/', { ...limits, maxBytes: 10 }), { code: 'too_large' })
})

t.test('certificates carry what X509-SVID asks', async (on) => {
  const leaf = new X509Certificate(orders.cert)
  const authority = new X509Certificate(ca.certPem)
  on.ok(authority.ca)
  on.notOk(leaf.ca)
  on.ok(leaf.checkIssued(authority) && leaf.verify(authority.publicKey))
  on.equal(
    leaf.subjectAltName,
    'URI:spiffe://gatehouse.local/orders, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  )
  on.same(leaf.keyUsage?.toSorted(), ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'], 'server and client')
  on.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  on.ok(new Date(leaf.validFrom) < now)
})

t.test('a SPIFFE ID is read exactly or not at all', async (on) => {
  on.equal(spiffeId('a.b', 'orders'), 'spiffe://a.b/orders')
  for (const name of ['', 'a/b', '..', '.', 'a b', 'é', 'a?b', 'a#b', 'a%2eb', 'x'.repeat(101)]) {
    on.throws(() => spiffeId('a.b', name), TypeError, name)
    on.equal(workloadName('a.b', `spiffe://a.b/${name}`), undefined, name)
  }
  on.throws(() => spiffeId('A.b', 'x'), TypeError)
  on.equal(workloadName('a.b', 'spiffe://a.b/orders'), 'orders')
  on.equal(workloadName('a.b', 'spiffe://a.b.c/orders'), undefined)
  on.equal(workloadName('a.b', 'SPIFFE://a.b/orders'), undefined)
})

t.test('a subjectAltName names one SPIFFE ID or nobody', async (on) => {
  const id = 'spiffe://a.b/orders'
  on.equal(spiffeIdIn(`DNS:localhost, URI:${id}, IP Address:127.0.0.1`), id)
  for (const names of [
    '',
    'DNS:localhost',
    `URI:${id}, URI:spiffe://a.b/other`,
    `URI:${id}, URI:${id}`,
    `URI:https://a.b/orders`,
    `URI:spiffe://a.b/`,
    `URI:spiffe://a.b`,
    `URI:spiffe://a.b/x/y`,
    `URI:spiffe:///x`,
    `URI:spiffe://u@a.b/x`,
    `URI:spiffe://a.b:1/x`,
    `DNS:"x, URI:${id}"`,
    `URI:"spiffe://a.b/orders\\u0000.evil"`,
  ]) {
    on.equal(spiffeIdIn(names), undefined, names)
  }
  fc.assert(
    fc.property(fc.string(), (noise) => spiffeIdIn(noise) === undefined || noise.startsWith('URI:spiffe:')),
  )
})

t.test('a folder of certificates is read, and its faults are named', async (on) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-certs-'))
  on.teardown(() => rmSync(folder, { recursive: true }))
  const put = (m: WorkloadMaterial): void => {
    writeFileSync(join(folder, 'orders.pem'), m.cert)
    writeFileSync(join(folder, 'orders.key'), m.key)
    writeFileSync(join(folder, 'ca.pem'), m.ca)
  }
  on.throws(() => loadWorkload(folder, trustDomain, 'orders'), { name: 'StartError' }, 'missing')
  put(orders)
  on.same(loadWorkload(folder, trustDomain, 'orders'), orders)
  const faults = [
    gateway,
    { ...orders, key: gateway.key },
    { ...orders, ca: foreignCa.certPem },
    { ...orders, cert: 'x' },
  ]
  for (const fault of faults) {
    put(fault)
    on.throws(() => loadWorkload(folder, trustDomain, 'orders'), { name: 'StartError' })
  }
})

interface Handshake {
  readonly reused: boolean
  readonly protocol: string | null
  readonly session: Buffer | undefined
}

/** One request on a connection of its own; rejects when the other side ends it unanswered. */
function handshake(options: ConnectionOptions): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    let session: Buffer | undefined
    const socket = connect(options, () => socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'))
    socket.on('session', (given: Buffer) => (session = given))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed')))
    socket.once('data', () => {
      resolve({
        reused: socket.isSessionReused(),
        protocol: socket.getProtocol(),
        session: session ?? socket.getSession(),
      })
      socket.destroy()
    })
  })
}
