import t from 'tap'
import { sendRaw, statuses } from '../gateway/client.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const token = `authorization: Bearer ${rig.issuer.token()}\r\n`
const post = `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\n${token}`
const hidden = `GET /api/users/me HTTP/1.1\r\nhost: ${rig.host}\r\n${token}\r\n`

const attacks: Readonly<Record<string, string>> = {
  'CL.TE': `${post}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'TE.CL': `${post}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n5c\r\n${hidden}\r\n0\r\n\r\n`,
  'two lengths': `${post}content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
  'two equal lengths': `${post}content-length: 2\r\ncontent-length: 2\r\n\r\n{}${hidden}`,
  'a list of lengths': `${post}content-length: 2, 2\r\n\r\n{}${hidden}`,
  'a length with a sign': `${post}content-length: +2\r\n\r\n{}${hidden}`,
  'a negative length': `${post}content-length: -1\r\n\r\n${hidden}`,
  'a hexadecimal length': `${post}content-length: 0x2\r\n\r\n{}${hidden}`,
  'a huge length': `${post}content-length: 99999999999999999999999\r\n\r\n{}${hidden}`,
  'space before the colon': `${post}content-length : 2\r\n\r\n{}${hidden}`,
  'obs-fold': `${post}content-length: 2\r\nx-a: b\r\n c\r\n\r\n{}${hidden}`,
  'obs-fold of an encoding': `${post}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'bare LF in the head': `${post}content-length: 2\nx-a: b\r\n\r\n{}${hidden}`,
  'bare CR in a value': `${post}x-a: b\rtransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}${hidden}`,
  'NUL in a value': `${post}x-a: b\0c\r\ncontent-length: 2\r\n\r\n{}${hidden}`,
  'NUL in a name': `${post}x\0a: b\r\ncontent-length: 2\r\n\r\n{}${hidden}`,
  'another encoding': `${post}transfer-encoding: identity\r\n\r\n${hidden}`,
  'an encoding after chunked': `${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
  'an encoding before chunked': `${post}transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${hidden}`,
  'chunked twice': `${post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'something like chunked': `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
  'chunked with a tab': `${post}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n${hidden}`,
  'a chunk size that is none': `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${hidden}`,
  'a chunk size with a sign': `${post}transfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n${hidden}`,
  'a chunk size with 0x': `${post}transfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n${hidden}`,
  'a chunk longer than said': `${post}transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${hidden}`,
  'bare LF after a chunk size': `${post}transfer-encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n${hidden}`,
  'bare LF in a chunk extension': `${post}transfer-encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n${hidden}`,
  'no version': `POST /api/orders\r\nhost: ${rig.host}\r\n\r\n${hidden}`,
  'a version of its own': `POST /api/orders HTTP/1.2\r\nhost: ${rig.host}\r\n${token}content-length: 0\r\n\r\n${hidden}`,
  'the version of another protocol': `POST /api/orders HTTP/2.0\r\nhost: ${rig.host}\r\n${token}connection: keep-alive\r\ncontent-length: 0\r\n\r\n${hidden}`,
  'chunks in HTTP/1.0': `POST /api/orders HTTP/1.0\r\nhost: ${rig.host}\r\n${token}connection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${hidden}`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a space in the method': `PO ST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\n${token}content-length: 0\r\n\r\n`,
}

t.test(
  'a request whose end two readers could see in two places is 400, and the connection ends',
  async (t) => {
    // A token that is known is served at once, and not only when the connection may have ended.
    for (let times = 0; times < 3; times++) await sendRaw(rig.port, hidden, 200)
    rig.services.users.seen.length = 0
    for (const [what, bytes] of Object.entries(attacks)) {
      rig.services.orders.seen.length = 0
      const answer = await sendRaw(rig.port, bytes, 2000)
      t.match(statuses(answer), [400], `${what}: ${answer.slice(0, 100)}`)
      t.equal(statuses(answer).length, 1, `${what}: one answer`)
      t.match(answer, /\r\nconnection: close\r\n/i, what)
      t.equal(rig.services.users.seen.length, 0, `${what}: nothing hidden came through`)
      const whole = rig.services.orders.seen.filter((seen) => !seen.aborted && seen.body !== '')
      t.same(whole, [], `${what}: no whole request reached the service`)
    }
  },
)

t.test('nor is anything served behind it when it waits for its turn behind a good one', async (t) => {
  const before = (await rig.lines()).length
  const answer = await sendRaw(rig.port, `${hidden}${attacks['the version of another protocol'] ?? ''}`, 2000)
  t.same(statuses(answer), [200, 400])
  t.same(
    (await rig.lines(before + 2)).slice(before).map((line) => line['status']),
    [400, 200],
  )
})

t.test('what is sent properly one after the other is answered one after the other', async (t) => {
  rig.services.orders.seen.length = 0
  rig.services.users.seen.length = 0
  const answer = await sendRaw(
    rig.port,
    `${post}content-length: 2\r\n\r\n{}${hidden}${post}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    700,
  )
  t.same(statuses(answer), [200, 200, 200])
  t.same(
    rig.services.orders.seen.map((seen) => seen.body),
    ['{}', '{}'],
  )
  t.equal(rig.services.users.seen.length, 1)
})
