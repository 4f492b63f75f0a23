import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import net from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import t from 'tap'
import { issueCertificate, renewCertificates } from '@gatehouse/kit/authority/issue'
import { issuedIn } from '@gatehouse/kit/authority/folder'
import { revokeCertificate } from '@gatehouse/kit/authority/revoke'
import { rotateAuthority } from '@gatehouse/kit/authority/rotate'
import { systemClock as clock } from '@gatehouse/kit/clock'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { LiveWorkload } from '@gatehouse/kit/mtls/live'
import { loadWorkload, workloadFiles } from '@gatehouse/kit/mtls/material'
import { certificatesIn } from '@gatehouse/kit/mtls/pem'
import { mtlsConnect, mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import { until } from '../harness/eventually.ts'
import { log, readCa, setUp } from './live-certificates.ts'

t.test('renewed under load: new connections use it, and no request is refused', async (t) => {
  const { certsDir, client, port } = await setUp(t)
  const get = client('users')
  const answers: Promise<number>[] = []
  // Every other request asks for a new connection.
  const load = setInterval(() => {
    answers.push(get(), get({ connection: 'close' }))
  }, 5)
  const before = issuedIn(certsDir).map(({ serial }) => serial)
  await until(() => answers.length > 10)
  const renewed = await renewCertificates({ certsDir, withinMs: 30 * 86_400_000, days: 90, clock })
  t.same(
    renewed.map(({ name }) => name),
    ['gateway', 'orders', 'users'],
  )
  const serial = renewed.find(({ name }) => name === 'orders')?.serial
  let shown: string | undefined
  const look = () => {
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      shown = socket.getPeerX509Certificate()?.serialNumber
      socket.destroy()
    })
    socket.on('error', () => undefined)
  }
  await until(() => {
    look()
    return shown === serial
  })
  t.notOk(before.includes(serial ?? ''))
  const soFar = answers.length
  await until(() => answers.length > soFar + 10)
  clearInterval(load)
  t.ok((await Promise.all(answers)).every((status) => status === 200))
})

t.test('the CA is replaced under load, through a bundle of both', async (t) => {
  const { certsDir, client } = await setUp(t)
  const get = client('users')
  const [old] = certificatesIn(readCa(certsDir))
  const answers: Promise<number>[] = []
  const load = setInterval(() => {
    answers.push(get(), get({ connection: 'close' }))
  }, 5)
  const bundles: number[] = []
  const step = () => bundles.push(certificatesIn(readCa(certsDir)).length)
  await rotateAuthority({ certsDir, days: 90, settleMs: 300, clock, step })
  await new Promise((go) => setTimeout(go, 200))
  clearInterval(load)
  const statuses = await Promise.allSettled(answers)
  t.same(
    statuses.filter((it) => it.status === 'rejected' || it.value !== 200),
    [],
  )
  t.same(bundles, [1, 2, 2])
  const now = certificatesIn(readCa(certsDir))
  t.equal(now.length, 1)
  t.not(now[0]?.serialNumber, old?.serialNumber)
})

t.test('a replacement that was cut off is begun again, and nobody is refused meanwhile', async (t) => {
  const { certsDir } = await setUp(t)
  const made = createCa({ trustDomain: 'gatehouse.test', days: 30, now: new Date() })
  // The moment before the first certificate is issued anew: all are still of the old one.
  writeFileSync(join(certsDir, 'ca.key'), made.keyPem)
  writeFileSync(join(certsDir, 'ca.pem'), made.certPem + readCa(certsDir))
  const step = (text: string) => {
    for (const name of ['gateway', 'orders', 'users'])
      t.doesNotThrow(() => loadWorkload(certsDir, 'gatehouse.test', name), `${name}, before ${text}`)
  }
  await rotateAuthority({ certsDir, days: 90, settleMs: 0, clock, step })
  step('the end')
  t.equal(certificatesIn(readCa(certsDir)).length, 1)
})

t.test('of two replacements at the same time one is made', async (t) => {
  const { certsDir } = await setUp(t)
  const rotate = () => rotateAuthority({ certsDir, days: 90, settleMs: 20, clock })
  const [first, second] = await Promise.allSettled([rotate(), rotate()])
  t.equal(first.status, 'fulfilled')
  t.match(second, {
    status: 'rejected',
    reason: { name: 'StartError', message: /is being replaced already/ },
  })
  for (const name of ['gateway', 'orders', 'users'])
    t.doesNotThrow(() => loadWorkload(certsDir, 'gatehouse.test', name), name)
  await rotate()
})

t.test(
  'a revoked certificate is refused, and so are the connections that it has; the others are not',
  async (t) => {
    const { certsDir, client, server } = await setUp(t)
    const users = client('users')
    const gateway = client('gateway')
    t.equal(await users(), 200)
    let isSeen = false
    server.onChange(() => (isSeen = true))
    const serial = await revokeCertificate({ certsDir, name: 'users', clock })
    t.match(serial, /^[0-9A-F]+$/)
    await until(() => isSeen)
    await t.rejects(users(), 'the connection was open')
    await t.rejects(users(), 'and a new one is refused')
    t.equal(await gateway(), 200)
    t.equal(await gateway({ connection: 'close' }), 200)
    await t.rejects(revokeCertificate({ certsDir, name: 'users', clock }), { name: 'StartError' })
    await issueCertificate({ certsDir, name: 'users', days: 5, clock })
    t.equal(await client('users')(), 200, 'a new one is a new one')
  },
)

t.test(
  'with a certificate those are revoked that it replaced: a stolen key may be of one of them',
  async (t) => {
    const { certsDir, server, port } = await setUp(t)
    const origin = `https://127.0.0.1:${port}`
    const expected = 'spiffe://gatehouse.test/orders'
    const clients = []
    for (let kept = 0; kept < 3; kept += 1) {
      const material = loadWorkload(certsDir, 'gatehouse.test', 'users')
      const pool = createMtlsClient({ material, expected, origin })
      t.teardown(() => pool.destroy())
      clients.push(async () => (await pool.request({ method: 'GET', path: '/' })).statusCode)
      await issueCertificate({ certsDir, name: 'users', days: 5, clock })
    }
    let isSeen = false
    server.onChange(() => (isSeen = true))
    await revokeCertificate({ certsDir, name: 'users', clock })
    await until(() => isSeen)
    for (const ask of clients) await t.rejects(ask())
  },
)

t.test('a handshake that was begun before its certificate was revoked opens nothing after it', async (t) => {
  const { certsDir, server, port } = await setUp(t)
  const material = loadWorkload(certsDir, 'gatehouse.test', 'users')
  let go = (): void => {}
  // What the client says after its first word, its certificate with it, comes when it likes.
  const slow = net.createServer((from) => {
    const to = net.connect(port, '127.0.0.1')
    to.on('error', () => from.destroy()).pipe(from)
    from.on('error', () => to.destroy())
    from.once('data', (hello: Buffer) => {
      to.write(hello)
      from.pause()
      go = () => void from.pipe(to)
    })
  })
  await once(slow.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => slow.close())
  const socket = tls.connect({
    ...mtlsConnect(material, 'spiffe://gatehouse.test/orders'),
    host: '127.0.0.1',
    port: Object(slow.address()).port,
  })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  let isSeen = false
  server.onChange(() => (isSeen = true))
  await revokeCertificate({ certsDir, name: 'users', clock })
  await until(() => isSeen)
  let answer = ''
  socket.on('data', (data: Buffer) => (answer += data.toString())).on('error', () => undefined)
  go()
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await until(() => answer !== '' || socket.closed)
  t.equal(answer, '')
})

t.test('a client ends its connections to a server whose certificate was revoked', async (t) => {
  const { certsDir } = await setUp(t)
  const files = workloadFiles(certsDir, 'users')
  const own = new LiveWorkload({ files, name: 'users', log, everyMs: 10 })
  t.teardown(() => own.stop())
  // A server that looks at no list: the client is the one that must leave.
  const orders = mtlsServerOptions(loadWorkload(certsDir, 'gatehouse.test', 'orders'), {
    clientCertificate: 'require',
  })
  const server = https.createServer(orders, (_request, response) => response.end('ok'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const pool = createMtlsClient({
    material: () => own.material,
    expected: 'spiffe://gatehouse.test/orders',
    origin: `https://127.0.0.1:${Object(server.address()).port}`,
    connectTimeoutMs: 15_000,
    onConnect: (socket) => own.watch(socket),
  })
  t.teardown(() => pool.destroy())
  const get = async () => (await (await pool.request({ method: 'GET', path: '/' })).body.text()) === 'ok'
  t.ok(await get())
  let isSeen = false
  own.onChange(() => (isSeen = true))
  await revokeCertificate({ certsDir, name: 'orders', clock })
  await until(() => isSeen)
  await t.rejects(get())
})

t.test(
  'one certificate that cannot be issued here does not keep the others from being renewed',
  async (t) => {
    const { certsDir } = await setUp(t)
    const at = (file: string) => join(certsDir, file)
    const ca = { certPem: readCa(certsDir), keyPem: readFileSync(at('ca.key'), 'utf8') }
    const named = { trustDomain: 'gatehouse.test', name: 'Apollo', hosts: [], days: 5, now: new Date() }
    writeFileSync(at('Apollo.pem'), issueWorkload({ ca, ...named }).certPem)
    const before = readFileSync(at('gateway.pem'), 'utf8')
    const renewing = renewCertificates({ certsDir, withinMs: 30 * 86_400_000, days: 90, clock })
    await t.rejects(renewing, { message: /'Apollo' is no name for a workload/ }, 'and it is told')
    t.not(readFileSync(at('gateway.pem'), 'utf8'), before)
  },
)

t.test('what is no name gets no certificate', async (t) => {
  const { certsDir } = await setUp(t)
  for (const name of ['ca', 'crl', '../x', 'A', '', 'a/b']) {
    await t.rejects(issueCertificate({ certsDir, name, days: 1, clock }), { name: 'StartError' }, name)
  }
})
