import t from 'tap'
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
