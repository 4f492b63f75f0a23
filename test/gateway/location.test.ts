import t from 'tap'
import { sendRaw } from './client.ts'
import { startRig, type Rig } from './rig.ts'

async function relocated(rig: Rig, location: string, name = 'location'): Promise<unknown> {
  rig.services.orders.answer = (_request, response) =>
    void response.writeHead(201, { [name]: location, 'content-length': 0 }).end()
  return (await rig.call({ path: '/api/orders' })).headers[name]
}

t.test('a place in an answer never names the service, nor leads elsewhere', async (t) => {
  const rig = await startRig(t)
  const service = `https://localhost:${rig.port + 1002}`
  const own = `http://${rig.host}`
  const cases = [
    ['/api/orders/7', '/api/orders/7'],
    ['7?x=1#y', '7?x=1#y'],
    [`${own}/api/orders/7`, `${own}/api/orders/7`],
    [`${service}/api/orders/7?x=1`, '/api/orders/7?x=1'],
    [`${service}//evil.example/x`, undefined],
    ['https://evil.example/', undefined],
    ['//evil.example/', undefined],
    ['/\\evil.example/', undefined],
    // Relative to a page that came by https, and another host to a page that came by http.
    ['https:evil.example/', undefined],
    ['https:/evil.example/', undefined],
    ['http:evil.example/', undefined],
    [`${own}@evil.example/`, undefined],
    ['javascript:alert(1)', undefined],
    ['https://10.0.0.7:8443/internal', undefined],
  ] as const
  for (const [given, expected] of cases) t.equal(await relocated(rig, given), expected, given)
  t.equal(await relocated(rig, `${service}/x`, 'content-location'), '/x')
})

t.test('links to the service itself lead to the gateway, in early hints as well', async (t) => {
  const rig = await startRig(t)
  const service = `https://localhost:${rig.port + 1002}`
  const license = '<https://license.example/mit>; rel=license'
  const given = `<${service}/api/orders?page=2>; rel="next"; title="a, <b>", <?page=1>; rel=first, ${license}`
  const expected = `</api/orders?page=2>; rel="next"; title="a, <b>", <?page=1>; rel=first, ${license}`
  t.equal(await relocated(rig, given, 'link'), expected)
  rig.services.orders.answer = (_request, response) =>
    response.writeEarlyHints({ link: `<${service}/style.css>; rel=preload` }, () => response.end())
  const answer = await sendRaw(
    rig.port,
    `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\nconnection: close\r\n\r\n`,
  )
  t.match(answer, /^HTTP\/1\.1 103 [^]*link: <\/style\.css>; rel=preload\r\n/i)
})

t.test('a route may let its service send callers anywhere', async (t) => {
  const rig = await startRig(t, {
    config: 'routes: [{ id: orders.list, headers: { response: [location] } }]',
  })
  t.equal(await relocated(rig, 'https://pay.example/'), 'https://pay.example/')
})

t.test("a service's own 401 carries no challenge of its own", async (t) => {
  const rig = await startRig(t)
  const challenge = { 'www-authenticate': 'Bearer realm="inside"', 'set-cookie': 'a=b', server: 'x' }
  rig.services.orders.answer = (_request, response) => void response.writeHead(401, challenge).end()
  const { status, headers } = await rig.call({ path: '/api/orders' })
  t.equal(status, 401)
  t.same(
    Object.keys(challenge).filter((name) => name in headers),
    [],
  )
})
