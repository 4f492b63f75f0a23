import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import t, { type Test } from 'tap'
import { until } from '../harness/eventually.ts'
import { startRig, type Rig } from './rig.ts'

function issued(trustDomain: string) {
  const now = new Date()
  const ca = createCa({ trustDomain, days: 1, now })
  return issueWorkload({ ca, trustDomain, name: 'gateway', hosts: ['localhost'], days: 1, now })
}

const first = issued('first.test')
const other = issued('other.test')

interface Door {
  readonly rig: Rig
  readonly cert: string
  readonly key: string
}

/** A door with files of its own, which are there before the gateway starts. */
async function doorWith(t: Test, meanwhile: (files: { cert: string; key: string }) => void): Promise<Door> {
  const dir = t.testdir()
  const files = { cert: join(dir, 'door.pem'), key: join(dir, 'door.key') }
  writeFileSync(files.cert, first.certPem)
  writeFileSync(files.key, first.keyPem)
  const config = `gateway: { origin: 'https://localhost:\${port:0}', tls: { cert: ${files.cert}, key: ${files.key} } }`
  const rig = await startRig(t, { config, meanwhile: () => meanwhile(files) })
  return { rig, ...files }
}

function open({ port }: Rig, protocol: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { port, host: 'localhost', rejectUnauthorized: false, ALPNProtocols: [protocol] }
    const socket = connect(options, () => resolve(socket)).on('error', reject)
  })
}

async function shown(rig: Rig, protocol = 'h2'): Promise<string> {
  const socket = await open(rig, protocol)
  const { issuer } = socket.getPeerX509Certificate() ?? {}
  t.equal(socket.alpnProtocol, protocol)
  socket.destroy()
  return /other\.test/.test(issuer ?? '') ? 'other' : 'first'
}

/** Asks until it is the other one. */
async function untilOther(rig: Rig): Promise<void> {
  await until(async () => (await shown(rig)) === 'other')
}

t.test('a renewed certificate is shown to new connections, and ends none', async (t) => {
  const { rig, cert, key } = await doorWith(t, () => undefined)
  t.equal(await shown(rig), 'first')
  const kept = await open(rig, 'http/1.1')
  t.teardown(() => void kept.destroy())
  writeFileSync(cert, other.certPem)
  await until(() => rig.log.lines.some(({ msg }) => /gateway\.tls .* old/.test(String(msg))))
  t.equal(await shown(rig), 'first', 'not without its key')
  writeFileSync(key, other.keyPem)
  await untilOther(rig)
  t.equal(await shown(rig, 'http/1.1'), 'other')
  kept.write(`GET /healthz HTTP/1.1\r\nhost: ${rig.host}\r\n\r\n`)
  t.match(
    await new Promise((resolve) => kept.once('data', (chunk) => resolve(String(chunk)))),
    /^HTTP\/1\.1 200/,
  )
})

t.test('so is one that was renewed while the gateway started', async (t) => {
  const { rig } = await doorWith(t, ({ cert, key }) => {
    setImmediate(() => {
      writeFileSync(cert, other.certPem)
      writeFileSync(key, other.keyPem)
    })
  })
  await untilOther(rig)
})
