import { webcrypto } from 'node:crypto'
import t from 'tap'
import { x509 } from '../harness/x509.ts'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { start } from '../../services/inventory/start.ts'
import { FakeDoor } from '../harness/door.ts'
import { eventually } from '../harness/eventually.ts'
import { requestWith } from '../harness/handshake.ts'
import { createTrust, internalToken, trustDomain } from '../harness/internal.ts'
import { CapturedLog, serviceContext } from '../harness/service.ts'

const trust = await createTrust(t.testdir())
const door = await FakeDoor.start(trust)
const log = new CapturedLog()
const service = await start(serviceContext({ trust, door: door.origin, log }))
t.teardown(async () => {
  await service.stop()
  await door.stop()
})

const now = new Date()
const usual = { ca: trust.ca, trustDomain, name: 'gateway', hosts: ['localhost'], days: 1, now }

async function attempt(tls: { cert?: string; key?: string }) {
  const token = internalToken(trust, { aud: 'inventory', scope: 'inventory:read' })
  const before = log.requests().length
  const outcome = await requestWith(`${service.urls['url']}/api/inventory`, tls, {
    authorization: `Bearer ${token}`,
  })
  // A request that was answered is logged after its answer has gone out.
  if ('status' in outcome) await eventually(() => log.requests().length > before)
  return { outcome, reached: log.requests().length - before }
}

const pair = (issued: { certPem: string; keyPem: string }) => ({ cert: issued.certPem, key: issued.keyPem })

t.test('the right certificate gets through', async (t) => {
  t.match(await attempt(pair(issueWorkload(usual))), { outcome: { status: 200 }, reached: 1 })
})

t.test('no certificate: a TLS alert', async (t) => {
  t.match(await attempt({}), {
    outcome: { error: /ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED|ECONNRESET/ },
    reached: 0,
  })
})

t.test('a certificate of a foreign CA, with the right name', async (t) => {
  const ca = createCa({ trustDomain, days: 1, now })
  const { outcome, reached } = await attempt(pair(issueWorkload({ ...usual, ca })))
  t.match(outcome, { error: String })
  t.equal(reached, 0)
})

t.test('an expired certificate, and one that is not valid yet', async (t) => {
  const day = 86_400_000
  for (const from of [now.getTime() - 3 * day, now.getTime() + day]) {
    const { outcome, reached } = await attempt(pair(issueWorkload({ ...usual, now: new Date(from) })))
    t.match(outcome, { error: String })
    t.equal(reached, 0)
  }
})

t.test('a certificate for servers, used as a client', async (t) => {
  const { outcome, reached } = await attempt(pair(issueWorkload({ ...usual, purposes: ['server'] })))
  t.match(outcome, { error: String })
  t.equal(reached, 0)
})

t.test('a workload of another trust domain under the same CA', async (t) => {
  const { outcome, reached } = await attempt(pair(issueWorkload({ ...usual, trustDomain: 'evil.test' })))
  t.match(outcome, { error: String })
  t.equal(reached, 0)
})

t.test('a certificate of our CA that names no workload, or two', async (t) => {
  const both = ['spiffe://gatehouse.test/gateway', 'spiffe://gatehouse.test/orders']
  for (const uris of [[], both, ['https://gatehouse.test/gateway'], ['spiffe://gatehouse.test/a/gateway']]) {
    const { outcome, reached } = await attempt(await issueWithUris(uris))
    t.match(outcome, { error: String }, uris.join(' '))
    t.equal(reached, 0)
  }
})

t.test("another workload's certificate passes TLS, and the token is not for it", async (t) => {
  const issued = issueWorkload({ ...usual, name: 'orders' })
  t.match(await attempt(pair(issued)), { outcome: { status: 401 }, reached: 1 })
})

/** What `issueWorkload` refuses to make. */
async function issueWithUris(uris: readonly string[]) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const der = Buffer.from(trust.ca.keyPem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  const names = uris.map((value) => ({ type: 'url' as const, value }))
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '01ab',
    subject: 'CN=gateway',
    issuer: new x509.X509Certificate(trust.ca.certPem).subject,
    notBefore: new Date(now.getTime() - 60_000),
    notAfter: new Date(now.getTime() + 86_400_000),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  })
  const exported = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${exported}\n-----END PRIVATE KEY-----\n`
  return { cert: certificate.toString('pem'), key }
}
