import { createServer } from 'node:http'
import { once } from 'node:events'
import t from 'tap'
import { CookieJar } from './cookie-jar.ts'
import { walkThroughPages } from './pages.ts'

/** Shows each page with what refuses first, and goes on with the last segment of the path that is posted to. */
const server = createServer(({ method, url = '' }, response) => {
  if (method === 'POST') {
    response.writeHead(303, { location: `/callback?did=${url.split('/').at(-1)}` }).end()
    return
  }
  response.end(`
    <form method="post" action="${url}/abort"><button>Go back</button></form>
    <form method="post" action="${url}/consent"><button>Allow</button></form>`)
})

t.test('who walks through pages agrees, whatever the random part of the path says', async (t) => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  for (const uid of ['plain', 'qysTOp', 'aBORt-StAy']) {
    const end = await walkThroughPages({
      start: new URL(`http://127.0.0.1:${address.port}/interaction/${uid}`),
      jar: new CookieJar(),
      username: 'alice',
      password: 'not asked for',
      until: ({ pathname }) => pathname === '/callback',
    })
    t.equal(end.searchParams.get('did'), 'consent', uid)
  }
})
