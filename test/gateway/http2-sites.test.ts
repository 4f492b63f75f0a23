import { createServer } from 'node:http'
import t from 'tap'
import { answerOf, open, rigWith } from './http2-rig.ts'

t.test('a site is there for callers by HTTP/2 as well', async (t) => {
  const seen: unknown[] = []
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    seen.push({ method, url, headers })
    request.pipe(response.writeHead(200, { 'content-type': 'text/html', 'x-powered-by': 'stack' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const port = Number(Object(server.address()).port)
  const { rig, session } = await rigWith(
    t,
    `sites: [{ id: shop, prefix: /shop, target: 'http://127.0.0.1:${port}', headers: { request: [cookie] } }]`,
  )
  const cookie = ['a=b', '__Host-gatehouse=secret', 'c=d']
  t.match(await answerOf(open(rig, session, { ':path': '/shop/x?y=1', cookie })), {
    status: 200,
    reset: 0,
    headers: { 'content-type': 'text/html', 'x-powered-by': undefined },
  })
  t.match(seen, [
    {
      method: 'GET',
      url: '/shop/x?y=1',
      headers: {
        host: `127.0.0.1:${port}`,
        'x-forwarded-host': rig.host,
        'x-forwarded-proto': 'https',
        cookie: 'a=b; c=d',
        authorization: undefined,
      },
    },
  ])
  const post = open(rig, session, { ':path': '/shop/x', ':method': 'POST' }, false)
  post.end('a body')
  t.match(await answerOf(post), { status: 200, text: 'a body', reset: 0 })
  t.match(await answerOf(open(rig, session, { ':path': '/shop/../api' })), { status: 400 })
  t.equal(seen.length, 2)
})
