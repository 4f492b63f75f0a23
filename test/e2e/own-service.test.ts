import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startService } from '@gatehouse/kit'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { root } from '../harness/sources.ts'

const config = `
    upstreams: { invoices: { targets: ['https://localhost:\${port:1009}'], identity: invoices } }
    routes:
      - id: invoices.list
        match: { path: /api/invoices, methods: [GET] }
        authn: [session, bearer]
        authz: { scopes: [orders:read] }
        token: { scopes: [invoices:read] }
        upstream: invoices
`

t.test('a service of your own behind the gateway, as docs/testing.md shows it', async (t) => {
  const platform = await startPlatform({ t, config })
  const service = await startService({
    name: 'invoices',
    context: await platform.workload('invoices', { port: platform.portBase + 1009 }),
    register(app) {
      app.get('/api/invoices', { config: { guard: { scopes: ['invoices:read'] } } }, (request) => ({
        items: [],
        owner: request.caller.sub,
      }))
    },
  })
  t.teardown(() => service.stop())
  const token = await platform.token({ scope: 'orders:read' })
  // Its keys arrive a moment after it listens.
  let answer = await platform.fetch('/api/invoices', { token })
  await until(async () => {
    if (answer.status === 503) answer = await platform.fetch('/api/invoices', { token })
    return answer.status !== 503
  })
  t.equal(answer.status, 200)
  t.same(await answer.json(), { items: [], owner: 'demo-machine' })
  t.equal((await platform.fetch('/api/invoices')).status, 401)
  const page = readFileSync(join(root, 'docs/testing.md'), 'utf8')
  t.ok(page.includes(config.trim().replaceAll('${', '\\${')), 'the configuration on the page is this one')
  t.equal(jwtParts(token).payload['scope'], 'orders:read')
})
