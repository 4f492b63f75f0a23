import { X509Certificate } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tls from 'node:tls'
import t from 'tap'
import { issueCertificate, renewCertificates } from '@gatehouse/kit/authority/issue'
import { issuedIn } from '@gatehouse/kit/authority/folder'
import { revokeCertificate } from '@gatehouse/kit/authority/revoke'
import { rotateAuthority } from '@gatehouse/kit/authority/rotate'
import { systemClock as clock } from '@gatehouse/kit/clock'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { createLogger } from '@gatehouse/kit/log'
import { LiveWorkload } from '@gatehouse/kit/mtls/live'
import { workloadFiles } from '@gatehouse/kit/mtls/material'
import { certificatesIn } from '@gatehouse/kit/mtls/pem'
import { createHttpServer } from '@gatehouse/kit/http/server'
import { mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import { createTrust } from '@gatehouse/kit/testing'

const log = createLogger({ name: 'test', level: 'silent' })

/** A server and a client whose files are looked at all the time. */
async function setUp(t: { testdir(): string; teardown(run: () => unknown): unknown }) {
  const dir = t.testdir()
  const { certsDir } = await createTrust({ dir, names: ['orders', 'users'] })
  const { keyPem } = await authorityKey(certsDir)
  writeFileSync(join(certsDir, 'ca.key'), keyPem)
  const live = (name: string) => {
    const workload = new LiveWorkload({ files: workloadFiles(certsDir, name), name, log, everyMs: 10 })
    t.teardown(() => workload.stop())
    return workload
  }
  const server = live('orders')
  const app = createHttpServer({
    log,
    https: mtlsServerOptions(server.material, { clientCertificate: 'require' }),
  })
  server.serve(app.server)
  app.get('/', () => ({ ok: true }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = (name: string, connections = 4) => {
    const workload = live(name)
    const pool = createMtlsClient({
      material: () => workload.material,
      expected: 'spiffe://gatehouse.test/orders',
      origin: `https://127.0.0.1:${port}`,
      connections,
    })
    t.teardown(() => pool.destroy())
    return async (headers: Record<string, string> = {}) => {
      const { statusCode, body } = await pool.request({ method: 'GET', path: '/', headers })
      await body.dump()
      return statusCode
    }
  }
  return { certsDir, client, server, port }
}

/** The trust of a test keeps its CA's key to itself; here the CA is in the folder, as on one machine. */
async function authorityKey(certsDir: string) {
  const { createCa, issueWorkload } = await import('@gatehouse/kit/mtls/ca')
  const trustDomain = 'gatehouse.test'
  const ca = createCa({ trustDomain, days: 30, now: new Date() })
  writeFileSync(join(certsDir, 'ca.pem'), ca.certPem)
  for (const name of ['gateway', 'orders', 'users']) {
    const made = issueWorkload({
      ca,
      trustDomain,
      name,
      hosts: ['localhost'],
      days: 5,
      now: new Date(),
    })
    writeFileSync(join(certsDir, `${name}.pem`), made.certPem)
    writeFileSync(join(certsDir, `${name}.key`), made.keyPem)
  }
  return ca
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 5_000; !condition(); await new Promise((go) => setTimeout(go, 5))) {
    if (performance.now() > end) throw new Error('it did not come about within 5 s')
  }
}

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

t.test('a revoked certificate is refused at the next connection, the others are not', async (t) => {
  const { certsDir, client, server } = await setUp(t)
  const users = client('users')
  const gateway = client('gateway')
  t.equal(await users(), 200)
  let isSeen = false
  server.onChange(() => (isSeen = true))
  const serial = await revokeCertificate({ certsDir, name: 'users', clock })
  t.match(serial, /^[0-9A-F]+$/)
  await until(() => isSeen)
  await users({ connection: 'close' })
  await t.rejects(users())
  t.equal(await gateway({ connection: 'close' }), 200)
  await t.rejects(revokeCertificate({ certsDir, name: 'users', clock }), { name: 'StartError' })
  await issueCertificate({ certsDir, name: 'users', days: 5, clock })
  t.equal(await client('users')(), 200, 'a new one is a new one')
})

t.test('files that do not fit together change nothing', async (t) => {
  const { certsDir, server } = await setUp(t)
  const { material } = server
  writeFileSync(join(certsDir, 'crl.pem'), '-----BEGIN CRL-----')
  t.equal(server.reload(), false, 'a list that is none keeps nobody out')
  rmSync(join(certsDir, 'crl.pem'))
  writeFileSync(join(certsDir, 'orders.pem'), 'half of a certif')
  t.equal(server.reload(), false)
  t.equal(server.material, material)
  await issueCertificate({ certsDir, name: 'orders', days: 5, clock })
  await until(() => server.material !== material)
  t.equal(new X509Certificate(server.material.cert).subject, 'CN=orders')
})

t.test('what is no name gets no certificate', async (t) => {
  const { certsDir } = await setUp(t)
  for (const name of ['ca', 'crl', '../x', 'A', '', 'a/b']) {
    await t.rejects(issueCertificate({ certsDir, name, days: 1, clock }), { name: 'StartError' }, name)
  }
})

function readCa(certsDir: string): string {
  return readFileSync(join(certsDir, 'ca.pem'), 'utf8')
}
