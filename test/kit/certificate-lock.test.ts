import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issueCertificate, renewCertificates } from '@gatehouse/kit/authority/issue'
import { revokeCertificate } from '@gatehouse/kit/authority/revoke'
import { rotateAuthority } from '@gatehouse/kit/authority/rotate'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { tryLock } from '@gatehouse/kit/prepare/lock'
import { root } from '../harness/sources.ts'
import { setUp } from './live-certificates.ts'

const clock = { now: () => Date.now() }
const rotation = `
  import { rotateAuthority } from '@gatehouse/kit/authority/rotate'
  const clock = { now: () => Date.now() }
  await rotateAuthority({ certsDir: process.argv[1], days: 90, settleMs: 0, clock })
`

/** A clock that is asked after the CA was read and before anything is written: there another process replaces the CA. */
function rotatingMeanwhile(certsDir: string) {
  const said: string[] = []
  return {
    said,
    now: () => {
      if (said.length === 0) {
        const args = ['--input-type=module-typescript', '-e', rotation, certsDir]
        const { stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
        said.push(status === 0 ? 'replaced' : stderr)
      }
      return Date.now()
    },
  }
}

function everybodyIsLetIn(
  t: { doesNotThrow(run: () => unknown, message: string): void },
  certsDir: string,
): void {
  for (const name of ['gateway', 'orders', 'users'])
    t.doesNotThrow(() => loadWorkload(certsDir, 'gatehouse.test', name), name)
}

t.test('nothing is issued under a CA that another process is replacing', async (t) => {
  const { certsDir } = await setUp(t)
  const slow = rotatingMeanwhile(certsDir)
  await issueCertificate({ certsDir, name: 'users', days: 5, clock: slow })
  t.match(slow.said, [/StartError: the CA in .* is being replaced already/])
  everybodyIsLetIn(t, certsDir)
})

t.test('a list of revoked certificates is of the CA that there is', async (t) => {
  const { certsDir } = await setUp(t)
  await issueCertificate({ certsDir, name: 'parcels', days: 5, clock })
  const slow = rotatingMeanwhile(certsDir)
  await revokeCertificate({ certsDir, name: 'parcels', clock: slow })
  t.match(slow.said, [/is being replaced already/])
  await rotateAuthority({ certsDir, days: 90, settleMs: 0, clock })
  everybodyIsLetIn(t, certsDir)
})

t.test('who issues waits for whoever is at it, and not for ever', async (t) => {
  const { certsDir } = await setUp(t)
  const issuing: Promise<unknown>[] = []
  const step = () => {
    const name = `parcels-${issuing.length}`
    issuing.push(issueCertificate({ certsDir, name, days: 5, clock }))
  }
  await rotateAuthority({ certsDir, days: 90, settleMs: 20, clock, step })
  await Promise.all(issuing)
  t.equal(issuing.length, 3)
  for (const index of issuing.keys()) loadWorkload(certsDir, 'gatehouse.test', `parcels-${index}`)
  const before = readFileSync(join(certsDir, 'users.pem'), 'utf8')
  const release = tryLock(join(certsDir, 'rotate.lock'))
  const refused = { name: 'StartError', message: /is in use by somebody else/, hint: /again/ }
  await Promise.all([
    t.rejects(issueCertificate({ certsDir, name: 'users', days: 5, clock }), refused),
    t.rejects(revokeCertificate({ certsDir, name: 'users', clock }), refused),
  ])
  t.same(await renewCertificates({ certsDir, withinMs: 0, days: 5, clock }), [], 'nothing is due')
  t.equal(readFileSync(join(certsDir, 'users.pem'), 'utf8'), before)
  release?.()
  await issueCertificate({ certsDir, name: 'users', days: 5, clock })
})
