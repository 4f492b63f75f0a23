import fc from 'fast-check'
import t from 'tap'
import { holdsInTime } from '../harness/holds.ts'
import { sendRaw, statuses } from '../gateway/client.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t, {
  config: `
gateway: { limits: { rate: 10000000/min } }
routes:
  - id: open
    match: { path: /open/*, methods: [GET] }
    authn: none
    upstream: users
`,
})
const get = (target: string, more = '') =>
  sendRaw(rig.port, `GET ${target} HTTP/1.1\r\nhost: ${rig.host}\r\n${more}connection: close\r\n\r\n`, 2000)

t.test('no way of writing it leads from an open route to another', async (t) => {
  for (const target of [
    '/open/../api/orders',
    '/open/..%2fapi/orders',
    '/open/%2e%2e/api/orders',
    '/open/%2E%2E%2Fapi/orders',
    '/open/%252e%252e/api/orders',
    '/open/%25%32%65%25%32%65/api',
    '/open/..;/api/orders',
    '/open/..%3b/api/orders',
    '/open/..\\api\\orders',
    '/open/..%5capi%5corders',
    '/open/%5c..%5capi',
    '/open//api/orders',
    '//open/x',
    '/open/./x',
    '/open/%00/x',
    '/open/x%00.json',
    '/open/%c0%ae%c0%ae/x',
    '/open/%ff',
    '/open/\x80',
    '/open/;a=b/x',
  ]) {
    t.same(statuses(await get(target)), [400], target)
  }
  for (const target of ['/openx/../api', '/apifoo', '/open', '/OPEN/x', '/api/orders/', '/%6fpenx/y']) {
    t.match(statuses(await get(target)), [/^40[04]$/], target)
  }
  t.equal(rig.reached(), 0)
})

t.test('a target in another form than the origin’s', async (t) => {
  for (const target of [
    `http://${rig.host}/open/x`,
    'http://evil.example/open/x',
    `http://user@${rig.host}/open/x`,
    `https://${rig.host}/open/x`,
    'ftp://x/open/x',
    '*',
    'open/x',
    '?x',
    rig.host,
  ]) {
    t.same(statuses(await get(target)), [400], target)
  }
  t.equal(rig.reached(), 0)
})

t.test('routing, policy and service agree on whatever comes, or it is refused', async (t) => {
  const token = `authorization: Bearer ${rig.issuer.token()}\r\n`
  const piece = fc.constantFrom(
    '.',
    '..',
    '/',
    '%2e',
    '%2f',
    '%61',
    '%C3%A4',
    '%25',
    'a',
    '%',
    ';',
    '\\',
    '?',
    '=',
    '%41',
    '~',
    ':',
  )
  const tail = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''))
  await holdsInTime(
    t,
    fc.asyncProperty(fc.constantFrom('/open/', '/api/orders/', '/api/', '/'), tail, async (head, rest) => {
      const seenBefore = rig.reached()
      const target = head + rest
      const [status] = statuses(await get(target, token))
      const services = [rig.services.users, rig.services.orders, rig.services.inventory]
      const seen = services.flatMap((service) => service.seen).at(-1)
      if (rig.reached() === seenBefore) {
        // `/` is a page of the gateway's own.
        const isHome = status === 200 && /^\/(?:\?|$)/.test(target)
        if (status !== 400 && status !== 404 && !isHome) throw new Error(`${target}: ${status}`)
        return
      }
      services.forEach((service) => service.seen.splice(0))
      const path = seen?.path.split('?')[0] ?? ''
      // What a lenient reader makes of what the service got must still be what was asked for.
      const lenient = new URL(`http://host${path}`).pathname
      if (lenient !== path) throw new Error(`${target}: the service may read ${path} as ${lenient}`)
      const isOpen = path.startsWith('/open/')
      if (isOpen === (seen?.headers.authorization !== undefined))
        throw new Error(`${target}: policy of another route`)
    }),
    { numRuns: 300 },
  )
})
