import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { prepareCertificates } from '@gatehouse/kit/prepare/certificates'
import { tryLock } from '@gatehouse/kit/prepare/lock'
import { root } from '../harness/sources.ts'
import { load, validRoute, withRoute } from './config-load.ts'

const config = load(withRoute(...validRoute))
const clock = { now: () => Date.now() }
const workloads = ['gateway', 'users', 'orders', 'inventory']
const rotation = `
  import { rotateAuthority } from '@gatehouse/kit/authority/rotate'
  const clock = { now: () => Date.now() }
  await rotateAuthority({ certsDir: process.argv[1], days: 90, settleMs: 0, clock })
`

function folder(t: Test): string {
  const certsDir = join(t.testdir(), 'certs')
  mkdirSync(certsDir)
  return certsDir
}

/** A clock that is asked after the CA was read and before anything is written: there another process replaces the CA. */
function replacingMeanwhile(certsDir: string) {
  const said: string[] = []
  const now = () => {
    if (said.length === 0) {
      const args = ['--input-type=module-typescript', '-e', rotation, certsDir]
      said.push(spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).stderr)
    }
    return Date.now()
  }
  return { now, said }
}

t.test('what is made is of the CA that there is, if somebody has just replaced it', (t) => {
  const certsDir = folder(t)
  prepareCertificates(certsDir, config, clock)
  const before = readFileSync(join(certsDir, 'ca.pem'), 'utf8')
  rmSync(join(certsDir, 'users.pem'))
  const slow = replacingMeanwhile(certsDir)
  prepareCertificates(certsDir, config, slow)
  t.strictSame(slow.said, [''])
  t.not(readFileSync(join(certsDir, 'ca.pem'), 'utf8'), before, 'it was replaced')
  for (const name of workloads)
    t.doesNotThrow(() => loadWorkload(certsDir, 'gatehouse.local', name), `${name} is let in`)
  t.end()
})

t.test('nothing is made while somebody else has the CA in hand, and that is said', (t) => {
  const certsDir = folder(t)
  const lock = join(certsDir, 'rotate.lock')
  const refused = { name: 'StartError', message: /is in use by somebody else/, hint: /again/ }
  const releaseEmpty = tryLock(lock)
  t.throws(() => prepareCertificates(certsDir, config, clock), refused, 'where there is none yet')
  t.strictSame(readdirSync(certsDir), ['rotate.lock'], 'nothing that stays when its holder is killed')
  releaseEmpty?.()
  prepareCertificates(certsDir, config, clock)
  const release = tryLock(lock)
  t.doesNotThrow(() => prepareCertificates(certsDir, config, clock), 'nothing is due')
  rmSync(join(certsDir, 'users.pem'))
  t.throws(() => prepareCertificates(certsDir, config, clock), refused, 'a certificate is')
  release?.()
  prepareCertificates(certsDir, config, clock)
  loadWorkload(certsDir, 'gatehouse.local', 'users')
  t.end()
})
