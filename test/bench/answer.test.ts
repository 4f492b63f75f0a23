import t from 'tap'
import { AnswerReader } from '../../bench/load/answer.ts'

const right = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 5\r\n\r\nhello'

function faultOf(answer: string, expect: { status?: number; body?: string; contains?: string } = {}) {
  const { status = 200, body = 'hello', contains } = expect
  const reader = new AnswerReader(
    { status, body: contains === undefined ? Buffer.from(body) : undefined, contains },
    false,
  )
  const complete = reader.push(Buffer.from(answer))
  return complete ? (reader.fault ?? 'right') : 'incomplete'
}

t.test('a right answer is right, in whatever pieces it comes', async (t) => {
  for (let cut = 1; cut < right.length; cut += 1) {
    const reader = new AnswerReader({ status: 200, body: Buffer.from('hello'), contains: undefined }, false)
    t.notOk(reader.push(Buffer.from(right.slice(0, cut))), `not complete after ${cut} bytes`)
    t.ok(reader.push(Buffer.from(right.slice(cut))))
    t.equal(reader.fault, undefined)
  }
})

t.test('what is wrong is told', async (t) => {
  t.equal(faultOf(right), 'right')
  t.equal(faultOf(right.replace('200', '502')), 'status 502')
  t.equal(faultOf(right.replace('hello', 'jello')), 'another body')
  t.equal(faultOf(right, { body: 'hello!' }), 'another length')
  t.equal(faultOf(`${right}x`), 'more bytes than announced')
  t.equal(faultOf(right.replace('Content-Length: 5', 'x: y').slice(0, -5)), 'no content-length')
  t.equal(faultOf(right, { contains: 'ell' }), 'right')
  t.equal(faultOf(right, { contains: 'access_token' }), 'another body')
  t.equal(faultOf(right.slice(0, -1)), 'incomplete')
})

t.test('a fault does not stick to the next answer', async (t) => {
  const reader = new AnswerReader({ status: 200, body: Buffer.from('hello'), contains: undefined }, false)
  reader.push(Buffer.from(right.replace('hello', 'jello')))
  t.equal(reader.fault, 'another body')
  t.ok(reader.push(Buffer.from(right)))
  t.equal(reader.fault, undefined)
})
