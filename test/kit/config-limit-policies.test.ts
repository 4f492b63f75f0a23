import t from 'tap'
import { faultsOf, load, validRoute, withRoute } from './config-load.ts'

const route = withRoute(...validRoute, 'limits: { policies: [per-person] }')

function faults(text: string) {
  return faultsOf(text).map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`)
}

t.test('a policy is read', async (t) => {
  const config = load(
    `limitPolicies: { per-person: { rate: 60/min, burst: 5/s, by: [subject, route] } }\n${route}`,
  )
  t.strictSame(config.limitPolicies, {
    'per-person': {
      rate: { count: 60, windowMs: 60_000 },
      burst: { count: 5, windowMs: 1_000 },
      by: ['subject', 'route'],
    },
  })
  t.strictSame(config.routes[0]?.limits.policies, ['per-person'])
})

t.test('a policy that is not there, with the nearest that is', async (t) => {
  t.match(faults(`limitPolicies: { per-persons: { rate: 60/min, by: [subject] } }\n${route}`), [
    /^9:26 routes\[0\].limits.policies\[0\] there is no limit policy 'per-person', did you mean 'per-persons'\?$/,
  ])
  t.match(faults(route), [/^8:26 routes\[0\].limits.policies\[0\] there is no limit policy 'per-person'$/])
})

t.test('a policy that limits nothing', async (t) => {
  const cases = [
    ['{ rate: 60/min, by: [] }', /^1:50 .*by is empty/],
    ['{ rate: 60/min }', /'by' is missing/],
    ['{ rate: 60/min, by: [sub] }', /\.by\[0\] sub is not one of subject/],
    ['{ rate: 60/min, burst: 60/s, by: [subject] }', /^1:53 limitPolicies.per-person.burst is no tighter/],
    ['{ rate: 60/min, burst: 5/h, by: [subject] }', /burst is no tighter/],
    ['{ rate: 60/min, burst: none, by: [subject] }', /burst none is not a rate/],
  ] as const
  for (const [policy, expected] of cases) {
    t.match(faults(`limitPolicies: { per-person: ${policy} }\n${route}`)[0], expected, policy)
  }
  t.match(faults(withRoute(...validRoute, 'limits: { policies: [] }')), [/policies is empty/])
})

t.test('limits of a route that have no effect', async (t) => {
  t.match(faults(withRoute(...validRoute, 'limits: { url: 9KiB, headers: 17KiB, inflated: 1MiB }')), [
    /limits.url is more than gateway.limits.url lets in, 8KiB$/,
    /limits.headers is more than gateway.limits.headers lets in, 16KiB$/,
    /limits.inflated has no meaning/,
  ])
  const wider = `gateway: { limits: { url: 9KiB } }\n${withRoute(...validRoute, 'limits: { url: 9KiB }')}`
  t.equal(load(wider).routes[0]?.limits.urlBytes, 9 * 1024)
})
