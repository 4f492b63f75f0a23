import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { connect, createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { StartError } from '@gatehouse/kit/errors'
import { issueCertificate } from '@gatehouse/kit/authority/issue'
import { revokeCertificate } from '@gatehouse/kit/authority/revoke'
import { createCa } from '@gatehouse/kit/mtls/ca'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { mtlsConnect, mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import { dataPaths, type DataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { MasterKey } from '@gatehouse/kit/secrets'
import { load, validRoute, withRoute } from './config-load.ts'

const dayMs = 86_400_000
const workloads = ['gateway', 'users', 'orders', 'inventory']

function configFor(trustDomain = 'gatehouse.local') {
  return load(`trustDomain: ${trustDomain}\n${withRoute(...validRoute)}`)
}

async function prepare(
  paths: DataPaths,
  o: { days?: number; trustDomain?: string; production?: boolean } = {},
) {
  const clock = { now: () => Date.now() + (o.days ?? 0) * dayMs }
  prepareDataFolder(paths, configFor(o.trustDomain), { production: o.production ?? false, clock })
}

/** Every file below the folder with its content. */
function contents(dir: string): ReadonlyMap<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(dir, name)).isFile()).toSorted()
  return new Map(files.map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
}

async function prepared(t: Test): Promise<DataPaths> {
  const paths = dataPaths(join(t.testdir(), 'data'))
  await prepare(paths)
  return paths
}

t.test('first start makes what is needed, and only its owner may read the secrets', async (t) => {
  const paths = await prepared(t)
  const files = [...contents(paths.dir).keys()]
  const certs = ['ca', ...workloads].flatMap((name) => [`certs/${name}.key`, `certs/${name}.pem`])
  t.strictSame(
    files,
    [
      ...certs,
      'certs/rotate.lock',
      'cli-client.jwk.json',
      'demo-machine-jwt.jwk.json',
      'gateway-client.jwk.json',
      'master.key',
    ].toSorted(),
  )
  for (const name of files) {
    const mode = statSync(join(paths.dir, name)).mode & 0o777
    t.equal(mode, /\.(pem|lock)$/.test(name) ? 0o644 & ~process.umask() : 0o600, name)
  }
  t.equal(statSync(paths.dir).mode & 0o777, 0o700)
  for (const name of workloads) {
    t.equal(loadWorkload(paths.certs, 'gatehouse.local', name).spiffeId, `spiffe://gatehouse.local/${name}`)
  }
  t.match(JSON.parse(readFileSync(paths.gatewayClientKey, 'utf8')), {
    kty: 'EC',
    alg: 'ES256',
    d: /./,
    kid: /^.{43}$/,
  })
})

t.test('a second start changes nothing', async (t) => {
  const paths = await prepared(t)
  const before = contents(paths.dir)
  await prepare(paths)
  t.strictSame(contents(paths.dir), before)
})

t.test('certificates are made anew within their last 7 days, under the same CA', async (t) => {
  const paths = await prepared(t)
  const before = contents(paths.certs)
  await prepare(paths, { days: 357 })
  t.strictSame(contents(paths.certs), before, 'not earlier')
  await prepare(paths, { days: 359 })
  const after = contents(paths.certs)
  t.equal(after.get('ca.pem'), before.get('ca.pem'))
  for (const name of workloads) t.not(after.get(`${name}.pem`), before.get(`${name}.pem`), name)
  t.ok(new X509Certificate(after.get('orders.pem') ?? '').validToDate.getTime() > Date.now() + 700 * dayMs)
})

t.test(
  'a clock that is or was wrong costs no CA, and what it made of certificates is made anew',
  async (t) => {
    const paths = await prepared(t)
    const before = contents(paths.certs)
    await t.rejects(prepare(paths, { days: -1 }), {
      name: 'StartError',
      message: /is not valid before \d{4}-/,
      hint: /clock.*remove/,
    })
    t.strictSame(contents(paths.certs), before)
    rmSync(join(paths.certs, 'orders.pem'))
    await prepare(paths, { days: 300 })
    await prepare(paths)
    const { validFromDate } = new X509Certificate(readFileSync(join(paths.certs, 'orders.pem'), 'utf8'))
    t.ok(validFromDate.getTime() <= Date.now(), 'of a clock that was ahead')
  },
)

t.test('what is missing or damaged is made anew, and nothing else', async (t) => {
  const paths = await prepared(t)
  const before = contents(paths.certs)
  rmSync(join(paths.certs, 'users.key'))
  writeFileSync(join(paths.certs, 'orders.pem'), 'damaged')
  writeFileSync(join(paths.certs, 'inventory.key'), before.get('gateway.key') ?? '')
  await prepare(paths)
  const after = contents(paths.certs)
  t.equal(after.get('gateway.pem'), before.get('gateway.pem'))
  for (const name of workloads) loadWorkload(paths.certs, 'gatehouse.local', name)
})

t.test(
  'a start in the last week of the CA makes another, and shuts out no service of the operator',
  async (t) => {
    const paths = await prepared(t)
    const at = (file: string) => join(paths.certs, file)
    const clock = { now: () => Date.now() }
    await issueCertificate({
      certsDir: paths.certs,
      name: 'parcels',
      hosts: ['parcels.example'],
      days: 3640,
      clock,
    })
    await issueCertificate({ certsDir: paths.certs, name: 'depot', days: 90, clock })
    // Its key is with the service alone.
    rmSync(at('depot.key'))
    const before = contents(paths.certs)
    await prepare(paths)
    t.strictSame(contents(paths.certs), before, 'nothing is due')
    await prepare(paths, { days: 3645 })
    for (const name of [...workloads, 'parcels', 'depot']) {
      const { validToDate, subjectAltName } = new X509Certificate(readFileSync(at(`${name}.pem`), 'utf8'))
      t.ok(validToDate.getTime() > Date.now() + 4000 * dayMs, name)
      t.equal(loadWorkload(paths.certs, 'gatehouse.local', name).trustDomain, 'gatehouse.local')
      if (name === 'parcels') t.match(subjectAltName, 'DNS:parcels.example')
    }
  },
)

t.test('another trust domain gets another CA', async (t) => {
  const paths = await prepared(t)
  await prepare(paths, { trustDomain: 'other.example' })
  t.equal(loadWorkload(paths.certs, 'other.example', 'orders').spiffeId, 'spiffe://other.example/orders')
})

t.test('what another CA took back does not keep everybody out', async (t) => {
  const paths = await prepared(t)
  const clock = { now: () => Date.now() }
  await revokeCertificate({ certsDir: paths.certs, name: 'inventory', clock })
  await prepare(paths, { trustDomain: 'other.example' })
  const server = loadWorkload(paths.certs, 'other.example', 'orders')
  const door = createServer(mtlsServerOptions(server, { clientCertificate: 'require' }), (socket) =>
    socket.end('welcome'),
  )
  t.teardown(() => door.close())
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const address = door.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = loadWorkload(paths.certs, 'other.example', 'gateway')
  const socket = connect({ ...mtlsConnect(client, server.spiffeId), host: '127.0.0.1', port })
  const [said]: unknown[] = await once(socket, 'data')
  t.equal(String(said), 'welcome')
})

t.test('a CA that was being replaced when the power went goes on issuing', async (t) => {
  const paths = await prepared(t)
  const at = (name: string) => join(paths.certs, name)
  const made = createCa({ trustDomain: 'gatehouse.local', days: 30, now: new Date() })
  // The moment between the key and the bundle that begins with its certificate (authority/rotate.ts).
  writeFileSync(at('ca.pem'), readFileSync(at('ca.pem'), 'utf8') + made.certPem)
  writeFileSync(at('ca.key'), made.keyPem)
  const clock = { now: () => Date.now() }
  await issueCertificate({ certsDir: paths.certs, name: 'parcels', days: 5, clock })
  rmSync(at('users.pem'))
  await prepare(paths)
  for (const name of [...workloads, 'parcels']) loadWorkload(paths.certs, 'gatehouse.local', name)
  writeFileSync(at('ca.key'), createCa({ trustDomain: 'gatehouse.local', days: 1, now: new Date() }).keyPem)
  const issuing = issueCertificate({ certsDir: paths.certs, name: 'parcels', days: 5, clock })
  await t.rejects(issuing, { name: 'StartError', message: /no CA with its key/ }, "somebody else's key")
  rmSync(at('users.pem'))
  await t.rejects(prepare(paths), { name: 'StartError', message: /certificate of \w+/ })
})

t.test("without the CA's key, what is good stays and what must be issued is refused", async (t) => {
  const paths = await prepared(t)
  rmSync(join(paths.certs, 'ca.key'))
  await prepare(paths)
  rmSync(join(paths.certs, 'users.pem'))
  await t.rejects(prepare(paths), { message: /certificate of users/, hint: /CA's key is not there/ })
  await t.rejects(prepare(paths, { trustDomain: 'other.example' }), {
    message: /not the one of other\.example/,
  })
})

t.test('production makes no master key, and takes the one that is there', async (t) => {
  const paths = dataPaths(join(t.testdir(), 'data'))
  await t.rejects(prepare(paths, { production: true }), {
    name: 'StartError',
    message: /production makes none/,
  })
  t.notOk(existsSync(paths.masterKey))
  const { hint } = await prepare(paths, { production: true }).catch((error: unknown) => Object(error))
  const [command = ''] = /\(umask .*\)$/.exec(hint) ?? []
  execFileSync('sh', ['-c', command], { env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` } })
  await prepare(paths, { production: true })
  MasterKey.fromFile(paths.masterKey)
})

t.test('a master key that is lost is not replaced while something is sealed under it', async (t) => {
  const paths = await prepared(t)
  rmSync(paths.masterKey)
  writeFileSync(join(paths.dir, 'idp.sqlite'), '')
  for (const production of [false, true]) {
    const refused = { message: /is gone, but idp\.sqlite/, hint: /backup/ }
    await t.rejects(prepare(paths, { production }), refused, production ? 'in production' : 'elsewhere')
  }
  t.notOk(existsSync(paths.masterKey))
})

t.test('two first starts at once agree', async (t) => {
  const paths = dataPaths(join(t.testdir(), 'data'))
  await Promise.all([prepare(paths), prepare(paths)])
  for (const name of workloads) loadWorkload(paths.certs, 'gatehouse.local', name)
  t.notOk(readdirSync(paths.dir).some((name) => name.endsWith('.tmp')))
})

t.test('a data folder that cannot be', async (t) => {
  const dir = t.testdir({ file: 'x' })
  for (const path of [join(dir, 'file'), join(dir, 'file', 'below'), '/proc/gatehouse']) {
    await t.rejects(prepare(dataPaths(path)), {
      name: 'StartError',
      message: /cannot be used/,
      hint: /GATEHOUSE_DATA/,
    })
  }
  mkdirSync(join(dir, 'data', 'master.key'), { recursive: true })
  await t.rejects(prepare(dataPaths(join(dir, 'file', 'x'))), StartError)
})
