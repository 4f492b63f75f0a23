import https from 'node:https'
import { connect } from 'node:net'
import t from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { eventually } from '../harness/index.ts'
import { sendRaw, statuses } from './client.ts'
import { startRig, type Rig } from './rig.ts'
import { Site } from './site.ts'

const mounted = (site: Site, more = '', scheme = 'http') => `
sites:
  - { id: shop, prefix: /shop, target: '${scheme}://127.0.0.1:${site.port}' ${more} }
  - { id: login, host: 'login.test', target: '${scheme}://127.0.0.1:${site.port}' ${more} }
`

const ask = (rig: Rig, path: string, more: readonly string[] = [], host = 'login.test') =>
  sendRaw(rig.port, [`GET ${path} HTTP/1.1`, `host: ${host}`, ...last(more), '', ''].join('\r\n'))

/** With its answer the connection ends, so that nobody need wait to see whether more is coming. */
const last = (lines: readonly string[]): readonly string[] =>
  lines.some((line) => /^connection:/i.test(line)) ? lines : [...lines, 'connection: close']

t.test('a host has no case (RFC 9110 section 4.2.3), and its dots are dots', async (t) => {
  const site = await Site.start(t)
  const rig = await startRig(t, { config: mounted(site) })
  t.match(await ask(rig, '/', [], 'Login.TEST'), /^HTTP\/1\.1 200[^]*<p>hello/)
  t.match(await ask(rig, '/', [], 'loginxtest'), /^HTTP\/1\.1 421/)
})

t.test('by host and by prefix: the path stays, and the site learns who asks', async (t) => {
  const site = await Site.start(t)
  const rig = await startRig(t, { config: mounted(site) })
  t.match(await ask(rig, '/a/b?c=d'), /^HTTP\/1\.1 200[^]*<p>hello/)
  t.match(await ask(rig, '/', [], 'login.test'), /<p>hello/)
  t.match(await rig.call({ path: '/shop/x' }), { status: 200, text: '<p>hello' })
  t.match((await rig.call({ path: '/shopping' })).status, 404, 'not below the prefix')
  t.same(
    site.seen.map(({ url, headers }) => [url, headers.host, headers['x-forwarded-host']]),
    [
      ['/a/b?c=d', 'login.test', 'login.test'],
      ['/', 'login.test', 'login.test'],
      ['/shop/x', `127.0.0.1:${site.port}`, rig.host],
    ],
  )
  t.match((await rig.lines(4)).at(0), { route: 'login', status: 200 })
  t.equal(statuses(await ask(rig, '/shop/x', [], 'login.test.evil'))[0], 421)
  t.match(
    await ask(rig, '/shop/x'),
    /<p>hello/,
    "everything under the one's host, not what is below the other's prefix",
  )
  t.match((await rig.lines(6)).at(-1), { route: 'login', status: 200 })
})

t.test('no authority of the caller reaches a site, and nothing of its own comes back', async (t) => {
  const site = await Site.start(t)
  site.answer = (_request, response) =>
    response
      .writeHead(200, {
        'set-cookie': ['a=b'],
        'x-powered-by': 'secret stack',
        'content-security-policy': "default-src 'self'",
      })
      .end()
  const rig = await startRig(t, { config: mounted(site) })
  const forged = [
    'cookie: __Host-gatehouse=s; a=b',
    'authorization: Bearer x',
    'x-forwarded-for: 1.2.3.4',
    'x-user: admin',
  ]
  const answer = await ask(rig, '/', forged)
  t.notMatch(answer, /set-cookie|x-powered-by/i)
  t.match(answer, /content-security-policy: default-src 'self'/)
  const { headers } = site.seen[0] ?? {}
  for (const name of ['cookie', 'authorization', 'x-user']) t.notOk(headers && name in headers, name)
  t.match(headers?.['x-forwarded-for'], /^(127\.0\.0\.1|::1)$/)
})

t.test('what the operator adds passes, but never the cookies of the gateway', async (t) => {
  const site = await Site.start(t)
  site.answer = (request, response) => {
    const own = request.url === '/nameless' ? '=__Host-gatehouse=forged' : '__Host-gatehouse=forged'
    response.writeHead(200, { 'set-cookie': request.url === '/' ? 'theirs=1' : own }).end()
  }
  const more = ', headers: { request: [cookie, authorization], response: [set-cookie] }'
  const rig = await startRig(t, { config: mounted(site, more) })
  const lines = [
    'cookie: a=1; __Host-gatehouse=s; __host-Gatehouse-login=l; b=2',
    'authorization: Basic eA==',
  ]
  t.match(await ask(rig, '/', lines), /set-cookie: theirs=1/)
  t.match(site.seen[0]?.headers, { cookie: 'a=1; b=2', authorization: 'Basic eA==' })
  t.notMatch(await ask(rig, '/own'), /set-cookie/)
  t.notMatch(await ask(rig, '/nameless'), /set-cookie/, 'browsers send it back without the first =')
})

t.test('one request is one request, and a failure has our words', async (t) => {
  const site = await Site.start(t)
  site.answer = (_request, response) => response.writeHead(503).end('busy')
  const rig = await startRig(t, { config: mounted(site, ', timeout: 15s') })
  t.equal(statuses(await ask(rig, '/'))[0], 503)
  t.equal(site.seen.length, 1)
  site.answer = (_request, response) => response.destroy()
  const broken = await ask(rig, '/')
  t.match(broken, /^HTTP\/1\.1 502[^]*application\/problem\+json[^]*"code":"bad_gateway"/)
  t.notMatch(withoutTxn(broken), /127\.0\.0\.1|undici|socket/i)
  t.equal(site.seen.length, 2)
})

t.test('a certificate that nobody vouches for: not a byte is sent', async (t) => {
  const now = new Date()
  const ca = createCa({ trustDomain: 'x.test', days: 1, now })
  const { certPem, keyPem } = issueWorkload({
    ca,
    trustDomain: 'x.test',
    name: 'shop',
    hosts: ['127.0.0.1'],
    days: 1,
    now,
  })
  const site = await Site.start(t, https.createServer({ cert: certPem, key: keyPem }))
  const rig = await startRig(t, { config: mounted(site, '', 'https') })
  t.equal(statuses(await ask(rig, '/'))[0], 502)
  t.equal(site.seen.length, 0)
})

t.test('upgrades, odd paths and bodies without measure are refused', async (t) => {
  const site = await Site.start(t)
  const rig = await startRig(t, { config: `${mounted(site)}\ngateway: { limits: { body: 1KiB } }` })
  const upgrade = [
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  t.same(statuses(await ask(rig, '/', upgrade)), [400])
  t.same(
    statuses(await ask(rig, '/', [...upgrade, '', 'GET / HTTP/1.1', 'host: login.test'])),
    [400],
    'pipelined',
  )
  for (const path of ['/a/../b', '/%2e%2e/x', '/a//b', '/%2Fshop']) {
    t.match(statuses(await ask(rig, path))[0], /^40[04]$/, path)
  }
  t.equal(site.seen.length, 0)
  const post = (lines: readonly string[]) =>
    sendRaw(
      rig.port,
      ['POST / HTTP/1.1', 'host: login.test', 'content-type: text/plain', ...lines].join('\r\n'),
    )
  t.same(statuses(await post(['content-length: 2000', '', 'x'.repeat(2000)])), [413])
  const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`
  t.match(await post(['transfer-encoding: chunked', '', `${chunk}${chunk}0\r\n\r\n`]), /^HTTP\/1\.1 413|^$/)
  t.ok(site.body.length <= 1024)
  site.body = ''
  site.answer = (request, response) => request.on('end', () => response.end('ok'))
  t.same(statuses(await post(['content-length: 4', '', 'body'])), [200])
  t.equal(site.body, 'body')
})

t.test('a place at the site itself becomes one at the gateway, and any other stays', async (t) => {
  const site = await Site.start(t)
  const own = `http://127.0.0.1:${site.port}`
  const rig = await startRig(t, { config: mounted(site) })
  const cases = [
    [`${own}/shop/x/?a=b`, '/shop/x/?a=b'],
    ['/shop/y', '/shop/y'],
    ['https://pay.example/', 'https://pay.example/'],
  ] as const
  for (const [given, expected] of cases) {
    site.answer = (_request, response) =>
      response.writeHead(301, { location: given, link: `<${own}/shop/n>; rel=next` }).end()
    const { status, headers } = await rig.call({ path: '/shop/x' })
    t.same([status, headers.location, headers['link']], [301, expected, '</shop/n>; rel=next'])
  }
})

t.test('a coded body is refused where the site would not hear that it is coded', async (t) => {
  const site = await Site.start(t)
  const post = async (rig: Rig): Promise<readonly number[]> =>
    statuses(await ask(rig, '/', ['content-encoding: gzip', 'content-type: text/plain', 'content-length: 0']))
  t.same(await post(await startRig(t, { config: mounted(site) })), [415])
  t.equal(site.seen.length, 0)
  const passed = await startRig(t, { config: mounted(site, ', headers: { request: [Content-Encoding] }') })
  t.same(await post(passed), [200])
  t.equal(site.seen[0]?.headers['content-encoding'], 'gzip')
})

t.test('a caller that leaves in the middle of an answer ends it at the site', async (t) => {
  const site = await Site.start(t)
  let isLeft = false
  site.answer = (_request, response) => {
    response.once('close', () => (isLeft = true))
    const more = setInterval(() => response.write('x'.repeat(1000)), 5)
    response.once('close', () => clearInterval(more))
  }
  const rig = await startRig(t, { config: mounted(site) })
  const socket = connect(rig.port, '127.0.0.1', () =>
    socket.write('GET / HTTP/1.1\r\nhost: login.test\r\n\r\n'),
  )
  socket.once('data', () => socket.destroy())
  t.ok(await eventually(() => isLeft))
})

t.test('a caller that leaves before the answer ends it at the site', async (t) => {
  const site = await Site.start(t)
  let left = 0
  site.answer = (_request, response) => void response.once('close', () => left++)
  const rig = await startRig(t, { config: mounted(site) })
  const callers = Array.from({ length: 64 }, () => connect(rig.port, '127.0.0.1'))
  for (const caller of callers) caller.write('GET / HTTP/1.1\r\nhost: login.test\r\n\r\n')
  t.ok(await eventually(() => site.seen.length === 64), 'so many connections there are')
  for (const caller of callers) caller.destroy()
  t.ok(await eventually(() => left === 64))
  site.answer = (_request, response) => response.end('next')
  t.match(await ask(rig, '/'), /^HTTP\/1\.1 200 [^]*next/)
})

t.test('a site that is away is 503, to a body of unstated length, too', async (t) => {
  const rig = await startRig(t, {
    config: "sites: [{ id: login, host: 'login.test', target: 'http://127.0.0.1:1' }]",
  })
  const lines = ['POST / HTTP/1.1', 'host: login.test', 'content-type: text/plain']
  const bytes = [...lines, 'transfer-encoding: chunked', '', '5', 'hello', '0', '', ''].join('\r\n')
  t.same(statuses(await sendRaw(rig.port, bytes)), [503])
})

t.test('a 304 that states the length of its text is an answer', async (t) => {
  const site = await Site.start(t)
  site.answer = (_request, response) => response.writeHead(304, { etag: '"a"', 'content-length': 5 }).end()
  const rig = await startRig(t, { config: mounted(site) })
  for (const time of ['once', 'again'])
    t.match(await ask(rig, '/'), /^HTTP\/1\.1 304 [^]*etag: "a"[^]*\r\n\r\n$/, time)
})
