import { X509Certificate } from 'node:crypto'
import { readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issueCertificate } from '@gatehouse/kit/authority/issue'
import { systemClock as clock } from '@gatehouse/kit/clock'
import { LiveWorkload } from '@gatehouse/kit/mtls/live'
import { loadWorkload, workloadFiles } from '@gatehouse/kit/mtls/material'
import { until } from '../harness/eventually.ts'
import { log, readCa, setUp } from './live-certificates.ts'

t.test('files that cannot be looked at change nothing', async (t) => {
  const { certsDir } = await setUp(t)
  const files = workloadFiles(certsDir, 'users')
  const own = new LiveWorkload({ files, name: 'users', log, everyMs: 60_000 })
  t.teardown(() => own.stop())
  const before = own.material
  const ca = readCa(certsDir)
  rmSync(files.ca)
  symlinkSync(files.ca, files.ca)
  t.equal(own.reload(), false)
  t.equal(own.material, before)
  rmSync(files.ca)
  writeFileSync(files.ca, ca)
  t.equal(own.reload(), true, 'and when they can be again, they are')
})

t.test('files that do not fit together change nothing', async (t) => {
  const { certsDir, server } = await setUp(t)
  const { material } = server
  writeFileSync(join(certsDir, 'crl.pem'), '-----BEGIN CRL-----')
  t.equal(server.reload(), false, 'a list that is none keeps nobody out')
  writeFileSync(join(certsDir, 'crl.pem'), '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n')
  t.equal(server.reload(), false, 'nor does one that says nothing')
  rmSync(join(certsDir, 'crl.pem'))
  writeFileSync(join(certsDir, 'orders.pem'), 'half of a certif')
  t.equal(server.reload(), false)
  t.equal(server.material, material)
  await issueCertificate({ certsDir, name: 'orders', days: 5, clock })
  await until(() => server.material !== material)
  t.equal(new X509Certificate(server.material.cert).subject, 'CN=orders')
})

t.test(
  'files that could not be used are read again, though nothing of them seems to have changed',
  async (t) => {
    const { certsDir } = await setUp(t)
    const files = workloadFiles(certsDir, 'users')
    const own = new LiveWorkload({ files, name: 'users', log, everyMs: 60_000 })
    t.teardown(() => own.stop())
    const before = { material: own.material, key: readFileSync(files.key) }
    await issueCertificate({ certsDir, name: 'users', days: 90, clock })
    const key = readFileSync(files.key)
    const write = (content: Buffer): void => {
      writeFileSync(files.key, content)
      // As where the file may not be read at first, or none can be opened: times and sizes do not tell that this is over.
      utimesSync(files.key, 1, 1)
    }
    write(before.key)
    t.equal(own.reload(), false)
    t.equal(own.material, before.material)
    write(key)
    t.equal(own.reload(), true)
    t.equal(own.material.key, String(key))
    t.equal(own.reload(), false)
  },
)

t.test('a chain of which only a part has been written changes nothing', async (t) => {
  const { certsDir, server, client } = await setUp(t)
  const { material } = server
  await issueCertificate({ certsDir, name: 'orders', days: 5, clock })
  const chain = readFileSync(join(certsDir, 'orders.pem'), 'utf8') + readCa(certsDir)
  const part = chain.slice(0, -100)
  // Otherwise the server is given what it cannot read, which ends the process.
  for (const written of [part, `${part}\n-----END CERTIFICATE-----\n`]) {
    writeFileSync(join(certsDir, 'orders.pem'), written)
    server.reload()
    t.throws(() => loadWorkload(certsDir, 'gatehouse.test', 'orders'), { name: 'StartError' })
    t.equal(await client('users')(), 200)
  }
  writeFileSync(join(certsDir, 'orders.pem'), chain)
  await until(() => server.material.cert === chain)
  t.not(server.material, material)
  t.equal(await client('users')(), 200)
})
