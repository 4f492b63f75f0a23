import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issuedIn } from '@gatehouse/kit/authority/folder'
import { CertificateKeeper } from '@gatehouse/kit/authority/keeper'
import { until } from '../harness/eventually.ts'
import { setUp } from './live-certificates.ts'

const dayMs = 86_400_000

/** Certificates of five days that are four days old: TLS knows the real time, the keeper the test's. */
async function fourDaysOld(t: Parameters<typeof setUp>[0]) {
  const house = await setUp(t, new Date(Date.now() - 4 * dayMs))
  let shift = -3 * dayMs
  const renewed: string[] = []
  const failures: unknown[] = []
  const keeper = new CertificateKeeper({
    certsDir: house.certsDir,
    clock: { now: () => Date.now() + shift },
    everyMs: 20,
    withinMs: 2 * dayMs,
    renewed: (issued) => renewed.push(...issued.map(({ name }) => name)),
    failed: (error) => failures.push(error),
  })
  t.teardown(() => keeper.stop())
  const serials = () => issuedIn(house.certsDir).map(({ serial }) => serial)
  return { ...house, keeper, renewed, failures, serials, advance: (ms: number) => void (shift += ms) }
}

t.test('renewed ahead of expiry while everything runs, and no request is refused', async (t) => {
  const { client, server, keeper, renewed, failures, serials, advance } = await fourDaysOld(t)
  const get = client('users')
  const answers: Promise<number>[] = []
  // Every other request asks for a new connection.
  const load = setInterval(() => answers.push(get(), get({ connection: 'close' })), 5)
  t.teardown(() => clearInterval(load))
  const { material } = server
  const before = serials()
  await keeper.look()
  t.same(renewed, [], 'four days are left')
  advance(3 * dayMs)
  await until(() => renewed.length > 0)
  t.same(renewed, ['gateway', 'orders', 'users'])
  await until(() => server.material !== material)
  const soFar = answers.length
  await until(() => answers.length > soFar + 20)
  clearInterval(load)
  const statuses = await Promise.allSettled(answers)
  t.same(
    statuses.filter((it) => it.status === 'rejected' || it.value !== 200),
    [],
  )
  t.notOk(serials().some((serial) => before.includes(serial)))
  t.equal(renewed.length, 3, 'once')
  t.same(failures, [])
})

t.test('what cannot be renewed is told and tried again; a key that is elsewhere is not missed', async (t) => {
  const { certsDir, keeper, renewed, failures, serials, advance } = await fourDaysOld(t)
  await keeper.stop()
  const before = serials()
  advance(3 * dayMs)
  writeFileSync(join(certsDir, 'ca.key'), 'no key')
  await keeper.look()
  await keeper.look()
  t.equal(failures.length, 2)
  rmSync(join(certsDir, 'ca.key'))
  await keeper.look()
  t.equal(failures.length, 2)
  t.same([renewed, serials()], [[], before])
})

t.test('the CA is replaced ahead of its end, once, and no request is refused', async (t) => {
  const { certsDir, client } = await setUp(t, new Date(Date.now() - 4 * dayMs))
  const get = client('users')
  const authority = () => readFileSync(join(certsDir, 'ca.pem'), 'utf8')
  const serials = () => issuedIn(certsDir).map(({ serial }) => serial)
  const before = { authority: authority(), serials: serials() }
  const answers: Promise<number>[] = []
  const load = setInterval(() => answers.push(get(), get({ connection: 'close' })), 5)
  t.teardown(() => clearInterval(load))
  const renewed: string[] = []
  const failures: unknown[] = []
  const keeper = new CertificateKeeper({
    certsDir,
    clock: { now: () => Date.now() },
    // It has 26 left.
    withinMs: 27 * dayMs,
    settleMs: 200,
    renewed: (issued) => renewed.push(...issued.map(({ name }) => name)),
    failed: (error) => failures.push(error),
  })
  t.teardown(() => keeper.stop())
  await keeper.look()
  const soFar = answers.length
  await until(() => answers.length > soFar + 20)
  clearInterval(load)
  const statuses = await Promise.allSettled(answers)
  t.same(
    statuses.filter((it) => it.status === 'rejected' || it.value !== 200),
    [],
  )
  await keeper.look()
  t.same([renewed, failures], [['gateway', 'orders', 'users'], []])
  t.not(authority(), before.authority)
  t.notOk(serials().some((serial) => before.serials.includes(serial)))
})

t.test('a copy under another name, and one that is damaged, are passed over', async (t) => {
  const { certsDir, keeper, renewed, failures, advance } = await fourDaysOld(t)
  await keeper.stop()
  const at = (file: string) => join(certsDir, file)
  copyFileSync(at('users.pem'), at('users-old.pem'))
  writeFileSync(at('parcels.pem'), '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n')
  advance(3 * dayMs)
  await keeper.look()
  await keeper.look()
  t.same([renewed, failures], [['gateway', 'orders', 'users'], []], 'once each')
})
