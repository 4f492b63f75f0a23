import { createCa, createRevocationList, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { elementsIn, integer, objectIdentifier, sequence, time } from '@gatehouse/kit/mtls/der'
import * as fc from 'fast-check'
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { x509 } from '../harness/x509.ts'

// What we write is read here by two others: a library for X.509, and OpenSSL.

const trustDomain = 'gatehouse.test'
const now = new Date('2026-06-01T12:00:00Z')
const ca = createCa({ trustDomain, days: 3650, now })
const hosts = ['orders.internal', '127.0.0.1', '2001:db8::1', '::ffff:10.0.0.1', '::']
const leaf = issueWorkload({ ca, trustDomain, name: 'orders', hosts, days: 30, now })

t.test('a workload’s certificate says what it should, in the eyes of another library', async (t) => {
  const read = new x509.X509Certificate(leaf.certPem)
  t.ok(await read.verify({ publicKey: new x509.X509Certificate(ca.certPem).publicKey, date: now }))
  t.equal(read.subject, 'CN=orders')
  t.equal(read.issuer, 'CN=gatehouse.test CA')
  t.equal(read.notBefore.toISOString(), '2026-06-01T11:55:00.000Z')
  t.equal(read.notAfter.toISOString(), '2026-07-01T12:00:00.000Z')
  const names = read.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON()
  t.strictSame(names, [
    { type: 'url', value: 'spiffe://gatehouse.test/orders' },
    { type: 'dns', value: 'orders.internal' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '2001:db8::1' },
    { type: 'ip', value: '::ffff:a00:1' },
    { type: 'ip', value: '::' },
  ])
  t.equal(read.getExtension(x509.BasicConstraintsExtension)?.ca, false)
  t.equal(read.getExtension(x509.KeyUsagesExtension)?.usages, x509.KeyUsageFlags.digitalSignature)
  t.same(read.getExtension(x509.ExtendedKeyUsageExtension)?.usages, [
    '1.3.6.1.5.5.7.3.2',
    '1.3.6.1.5.5.7.3.1',
  ])
  const authority = new x509.X509Certificate(ca.certPem)
  t.equal(
    read.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId,
    authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
  )
})

t.test('the authority’s certificate lets it sign leaves and lists, and nothing else', (t) => {
  const read = new x509.X509Certificate(ca.certPem)
  const constraints = read.getExtension(x509.BasicConstraintsExtension)
  t.match(
    { ca: constraints?.ca, length: constraints?.pathLength, critical: constraints?.critical },
    {
      ca: true,
      length: 0,
      critical: true,
    },
  )
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags
  t.equal(read.getExtension(x509.KeyUsagesExtension)?.usages, keyCertSign | cRLSign)
  t.equal(read.notAfter.getUTCFullYear(), 2036)
  t.end()
})

const noOpenssl = process.env['CI'] === undefined && spawnSync('openssl', ['version']).error !== undefined
t.test('OpenSSL reads, verifies and revokes', { skip: noOpenssl && 'no openssl here' }, (t) => {
  const dir = t.testdir()
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const run = (args: readonly string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
  const at = String(now.getTime() / 1000 + 60)
  const caFile = file('ca.pem', ca.certPem)
  const leafFile = file('leaf.pem', leaf.certPem)
  const checks = ['-x509_strict', '-attime', at, '-CAfile', caFile]
  t.match(run(['verify', ...checks, '-purpose', 'sslserver', leafFile]), /: OK/)
  t.match(run(['verify', ...checks, '-purpose', 'sslclient', leafFile]), /: OK/)
  const list = (serials: readonly string[]) => createRevocationList({ ca, serials, days: 30, now })
  const empty = file('empty.pem', list([]))
  t.match(run(['verify', ...checks, '-crl_check', '-CRLfile', empty, leafFile]), /: OK/)
  const revoked = file('revoked.pem', list([new X509Certificate(leaf.certPem).serialNumber]))
  t.throws(
    () => run(['verify', ...checks, '-crl_check', '-CRLfile', revoked, leafFile]),
    /certificate revoked/,
  )
  t.match(run(['crl', '-in', revoked, '-noout', '-text', '-CAfile', caFile]), /X509v3 CRL Number/)
  t.end()
})

t.test('nothing is valid for longer than the CA, in whatever year that ends', (t) => {
  const short = createCa({ trustDomain, days: 20, now })
  const until = (by: typeof ca, days: number) => {
    const { certPem } = issueWorkload({ ca: by, trustDomain, name: 'orders', hosts: [], days, now })
    return new X509Certificate(certPem).validToDate.toISOString()
  }
  t.equal(until(short, 19), '2026-06-20T12:00:00.000Z')
  t.equal(until(short, 21), '2026-06-21T12:00:00.000Z')
  t.equal(until(ca, 99_999), new X509Certificate(ca.certPem).validToDate.toISOString())
  t.end()
})

t.test('a key that is not the certificate’s issues nothing', (t) => {
  const other = createCa({ trustDomain, days: 1, now })
  const mixed = { certPem: ca.certPem, keyPem: other.keyPem }
  t.throws(
    () => issueWorkload({ ca: mixed, trustDomain, name: 'orders', hosts: [], days: 1, now }),
    TypeError,
  )
  t.throws(() => createRevocationList({ ca, serials: ['zz'], days: 1, now }), RangeError)
  t.throws(() => issueWorkload({ ca, trustDomain, name: 'orders', hosts: ['a b'], days: 1, now }), RangeError)
  t.end()
})

t.test('DER: what is written is read again, whatever its size', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 300 }), (numbers) => {
      const parts = numbers.map((bytes) => integer(Buffer.from(bytes)))
      t.strictSame(elementsIn(sequence(...parts)), parts)
    }),
    { numRuns: 50 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      // Whatever it is, it is read or refused; it never runs on.
      let fault: unknown
      try {
        elementsIn(Buffer.from(bytes))
      } catch (error) {
        fault = error
      }
      t.ok(fault === undefined || fault instanceof RangeError)
    }),
    { numRuns: 200 },
  )
  t.end()
})

t.test('DER: values at the borders', (t) => {
  t.equal(integer(Buffer.from([0x80])).toString('hex'), '02020080')
  t.equal(integer(Buffer.from([0, 0, 0x7f])).toString('hex'), '02017f')
  t.equal(integer(Buffer.alloc(0)).toString('hex'), '020100')
  t.equal(objectIdentifier('1.2.840.10045.4.3.2').toString('hex'), '06082a8648ce3d040302')
  t.throws(() => objectIdentifier('2.999'), RangeError)
  t.equal(time(new Date('2049-12-31T23:59:59.999Z')).toString('latin1'), '\x17\r491231235959Z')
  t.equal(time(new Date('2050-01-01T00:00:00Z')).toString('latin1'), '\x18\x0f20500101000000Z')
  t.throws(() => time(new Date(253402300800000)), RangeError)
  t.end()
})
