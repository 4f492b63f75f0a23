import t from 'tap'
import { CookieJar } from './cookie-jar.ts'

const at = new URL('http://localhost:3000/a')

function answer(...lines: readonly string[]): Response {
  return new Response(null, { headers: lines.map((line) => ['set-cookie', line]) })
}

t.test('keeps, replaces and drops as a browser does; ports do not matter', async (t) => {
  const jar = new CookieJar()
  jar.store(at, answer('__Host-a=1; Path=/; Secure; HttpOnly', 'b=2; Path=/deep'))
  t.equal(jar.header(new URL('http://localhost:4000/')), '__Host-a=1')
  t.equal(jar.header(new URL('http://localhost:4000/deep/er')), '__Host-a=1; b=2')
  t.equal(jar.header(new URL('http://127.0.0.1:4000/')), '')
  jar.store(at, answer('__Host-a=3; Path=/; Secure'))
  t.equal(jar.get('__Host-a'), '3')
  jar.store(at, answer('__Host-a=; Path=/; Secure; Expires=Thu, 01 Jan 1970 00:00:00 GMT'))
  t.equal(jar.get('__Host-a'), undefined)
})

t.test('a __Host- cookie that browsers refuse is an error', async (t) => {
  const jar = new CookieJar()
  t.throws(() => jar.store(at, answer('__Host-a=1; Path=/')), /refuses/)
  t.throws(() => jar.store(at, answer('__Host-a=1; Secure; Path=/x')), /refuses/)
  t.throws(() => jar.store(at, answer('__Host-a=1; Secure; Path=/; Domain=localhost')), /refuses/)
})
