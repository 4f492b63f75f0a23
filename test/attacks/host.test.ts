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
