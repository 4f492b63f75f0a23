import t from 'tap'
import { parse } from 'yaml'
import { composeConfig } from './config.ts'

t.test('a patch changes what it names, and nothing else', async (t) => {
  const whole = parse(composeConfig(undefined))
  const patched = parse(
    composeConfig(
      'routes: [{ id: orders.create, limits: { rate: 1/min } }, { id: new.one, upstream: orders }]',
    ),
  )
  t.equal(patched.routes.length, whole.routes.length + 1, 'one was added')
  const changed = patched.routes.find((route: { id: string }) => route.id === 'orders.create')
  t.match(changed, { match: { methods: ['POST'] }, limits: { rate: '1/min' } })
  t.same(patched.upstreams, whole.upstreams)
  t.same(parse(composeConfig('edges: []')).edges, [], 'a list without ids is replaced')
})

t.test('a patch that says nothing changes nothing', (t) => {
  for (const nothing of ['', '# later', 'null']) t.equal(composeConfig(nothing), composeConfig(), nothing)
  t.end()
})
