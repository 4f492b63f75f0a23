import { createServer } from 'node:http'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { keepNoConnections } from '../../bench/run/fetching.ts'
import { wordsOf } from '../../bench/run/words-of.ts'

const server = createServer()
t.before(() => once(server.listen(0, '127.0.0.1'), 'listening'))
t.teardown(() => server.close())

function url(): string {
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : ''
}

t.test('what prepares a measurement uses no connection twice: its end may be on the way', async (t) => {
  const before = getGlobalDispatcher()
  t.teardown(() => setGlobalDispatcher(before))
  keepNoConnections()
  const seen = new Set<Socket>()
  server.on('request', ({ socket }, response) => {
    seen.add(socket)
    response.end('fine')
  })
  for (let n = 0; n < 3; n += 1) t.equal(await (await fetch(url())).text(), 'fine')
  t.equal(seen.size, 3)
})

t.test('a fault says what was behind it', async (t) => {
  const gone = createServer()
  await once(gone.listen(0, '127.0.0.1'), 'listening')
  const address = gone.address()
  await new Promise((resolve) => gone.close(resolve))
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const error: unknown = await fetch(`http://127.0.0.1:${port}`).catch((reason: unknown) => reason)
  t.match(wordsOf(error), /^fetch failed: .*ECONNREFUSED/)
  t.equal(wordsOf('plain'), 'plain')
})
