import { X509Certificate } from 'node:crypto'
import t from 'tap'
import fc from 'fast-check'
import { createCa, createRevocationList, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { serialsIn } from '@gatehouse/kit/mtls/revoked'

const now = new Date()
const trustDomain = 'gatehouse.test'
const ca = createCa({ trustDomain, days: 1, now })
const list = (serials: readonly string[]) => createRevocationList({ ca, serials, days: 1, now })

t.test('the serial numbers of a list are those of the certificates, as Node writes them', async (t) => {
  const made = Array.from({ length: 20 }, (_, at) =>
    issueWorkload({ ca, trustDomain, name: `w${at}`, hosts: [], days: 1, now }),
  )
  const serials = made.map(({ certPem }) => new X509Certificate(certPem).serialNumber)
  t.same([...serialsIn(list(serials))], serials)
  t.same([...serialsIn(list(['80', '00FF', '01']))], ['80', 'FF', '01'], 'the sign is no part of it')
})

t.test('of several lists all count, of an empty one nothing', async (t) => {
  t.same([...serialsIn(list([]))], [])
  t.same([...serialsIn(list(['0A']) + list([]) + list(['0B', '0C']))], ['0A', '0B', '0C'])
  t.same([...serialsIn('')], [])
})

t.test('what is no list is an error, whatever it is', async (t) => {
  const pem = (der: Uint8Array) =>
    `-----BEGIN X509 CRL-----\n${Buffer.from(der).toString('base64')}\n-----END X509 CRL-----\n`
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        return serialsIn(pem(bytes)).size >= 0
      } catch (error) {
        return error instanceof RangeError
      }
    }),
  )
  t.throws(() => serialsIn(pem(Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]))), RangeError)
})
