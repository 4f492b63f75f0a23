import t from 'tap'
import { withoutDrawn } from '../harness/drawn.ts'
import { sendRaw } from '../gateway/client.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const forged = [
  'X-Forwarded-For: 203.0.113.1',
  'x-forwarded-for: 203.0.113.2',
  'X_Forwarded_For: 203.0.113.3',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Client-Cert: Hash=1',
  'X-Forwarded-User: admin',
  'Forwarded: for=203.0.113.4',
  'X-Real-IP: 203.0.113.5',
  'True-Client-IP: 203.0.113.5',
  'X-Original-URL: /admin',
  'X-Rewrite-URL: /admin',
  'X-HTTP-Method-Override: DELETE',
  'X-User: admin',
  'X-User-Id: acc-admin',
  'X-Roles: admin',
  'X-SSL-Client-Cert: forged',
  'SSL-Client-Verify: SUCCESS',
  'X-Request-Id: forged',
  'x-request-id: forged',
  'Gatehouse-Scope: admin',
  'Proxy: http://evil.example',
  'Cookie: forged=1',
  'Via: 1.0 evil',
  'Client-Cert: :Zm9yZ2Vk:',
  'Client-Cert-Chain: :Zm9yZ2Vk:',
  'X-Client-Cert: forged',
  'X-Forwarded-Prefix: /admin',
  'X-Forwarded-Port: 1',
]

t.test('nothing of what a caller says of itself reaches a service', async (t) => {
  const head = `host: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n${forged.join('\r\n')}\r\n`
  const answer = await sendRaw(rig.port, `GET /api/orders HTTP/1.1\r\n${head}connection: close\r\n\r\n`, 3000)
  t.match(answer, /^HTTP\/1\.1 200/)
  const seen = rig.services.orders.only()
  t.notMatch(
    withoutDrawn(JSON.stringify(seen.rawHeaders)),
    /203\.0\.113|evil|forged|admin|Hash=1|SUCCESS|DELETE/,
  )
  t.match(seen.headers, {
    'x-forwarded-for': '127.0.0.1',
    forwarded: `for=127.0.0.1;host="${rig.host}";proto=http`,
    'x-forwarded-host': rig.host,
    'x-forwarded-proto': 'http',
    via: '1.1 gatehouse',
    'x-request-id': /^txn_/,
  })
  const names = seen.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  t.equal(new Set(names).size, names.length, 'each header once')
})

t.test('nor as trailers', async (t) => {
  const head = `host: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\ntransfer-encoding: chunked\r\ntrailer: x-user\r\n`
  const body =
    '2\r\n{}\r\n0\r\nx-user: admin\r\nx-forwarded-for: 203.0.113.1\r\nauthorization: Bearer forged\r\n\r\n'
  const answer = await sendRaw(
    rig.port,
    `POST /api/orders HTTP/1.1\r\n${head}connection: close\r\n\r\n${body}`,
    3000,
  )
  t.match(answer, /^HTTP\/1\.1 200/)
  const seen = rig.services.orders.only()
  t.same(seen.trailers, {})
  t.equal(seen.body, '{}')
  t.notMatch(withoutDrawn(JSON.stringify(seen.rawHeaders)), /admin|203\.0\.113|forged|trailer/i)
})
