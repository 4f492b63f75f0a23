import t from 'tap'
import { sendRaw, statuses } from '../gateway/client.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const token = `authorization: Bearer ${rig.issuer.token()}\r\n`
const get = (hosts: string, version = '1.1', path = '/api/orders') =>
  sendRaw(rig.port, `GET ${path} HTTP/${version}\r\n${hosts}${token}connection: close\r\n\r\n`, 2000)

t.test('exactly one Host that is one', async (t) => {
  for (const hosts of [
    '',
    `host: ${rig.host}\r\nhost: ${rig.host}\r\n`,
    `host: ${rig.host}\r\nHost: evil.example\r\n`,
    `host: evil.example\r\nhost: ${rig.host}\r\n`,
    'host:\r\n',
    `host: user@${rig.host}\r\n`,
    `host: user:password@${rig.host}\r\n`,
    `host: ${rig.host}/api\r\n`,
    `host: ${rig.host}, evil.example\r\n`,
    `host: ${rig.host} evil\r\n`,
    'host: localhost:port\r\n',
    'host: [::1\r\n',
    `host: ${rig.host}#\r\n`,
    `host: ${rig.host}?\r\n`,
  ]) {
    const answer = await get(hosts)
    t.same(statuses(answer), [400], JSON.stringify(hosts))
    t.match(answer, /"code":"invalid_(host|request)"/, JSON.stringify(hosts))
  }
  t.same(statuses(await get('', '1.0')), [400], 'HTTP/1.0 has to say it, too')
  t.equal(rig.reached(), 0)
})

t.test('a host that is not served here is 421, on every path', async (t) => {
  for (const host of [
    'evil.example',
    'localhost',
    `localhost:${rig.port + 1}`,
    `evil.${rig.host}`,
    '169.254.169.254',
  ]) {
    for (const path of ['/api/orders', '/', '/auth/session', '/auth/login', '/nothing']) {
      const answer = await get(`host: ${host}\r\n`, '1.1', path)
      t.same(statuses(answer), [421], `${host} ${path}`)
      t.match(answer, /"code":"unknown_host"/)
    }
  }
  t.equal(rig.reached(), 0)
})

t.test('the names of this door, in any case', async (t) => {
  for (const host of [rig.host, rig.host.toUpperCase(), `127.0.0.1:${rig.port}`, `[::1]:${rig.port}`]) {
    t.same(statuses(await get(`host: ${host}\r\n`)), [200], host)
  }
})

t.test('the port that goes without saying may be said, and no other (RFC 9110 section 4.2.3)', async (t) => {
  const door = await startRig(t, {
    config: `
gateway: { hosts: [www.example, 'api.example:80', '[::1]'] }
routes:
  - { id: orders.list, match: { path: /api/orders, methods: [GET], hosts: [www.example] } }
  - { id: orders.read, match: { path: '/api/orders/:id', methods: [GET], hosts: ['api.example:80'] } }
sites:
  - { id: login, host: login.example, target: 'http://127.0.0.1:1' }
`,
  })
  const ask = (host: string, path: string) =>
    sendRaw(
      door.port,
      `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${door.issuer.token()}\r\nconnection: close\r\n\r\n`,
      2000,
    )
  const asked: readonly (readonly [string, string, number])[] = [
    ['www.example', '/api/orders', 200],
    ['WWW.example:80', '/api/orders', 200],
    ['www.example:443', '/api/orders', 421],
    ['www.example:080', '/api/orders', 421],
    ['api.example:80', '/api/orders/1', 200],
    ['api.example', '/api/orders/1', 200],
    ['api.example', '/api/orders', 405],
    ['[::1]:80', '/api/users/me', 200],
    ['[::1]:443', '/api/users/me', 421],
    ['api.example', '/auth/session', 401],
    ['login.example:80', '/x', 503],
    ['login.example:81', '/x', 421],
  ]
  for (const [host, path, status] of asked)
    t.same(statuses(await ask(host, path)), [status], `${host} ${path}`)
  const [first] = door.services.orders.seen
  t.match(first?.headers, { 'x-forwarded-host': 'www.example' })
  const described = async (host: string) => (await ask(host, '/openapi.json')).split('\r\n\r\n', 2)[1]
  t.equal(await described('www.example:80'), await described('www.example'))
})
