import t from 'tap'
import fc from 'fast-check'
import { startService, type FastifyInstance } from '@gatehouse/kit'
import { contextOf } from '@gatehouse/kit/service/context'
import { compileRule } from '@gatehouse/kit/guard/rule'
import { createTrust } from '../harness/internal.ts'
import { serviceContext } from '../harness/service.ts'

const unusable: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a wrong word', 'none'],
  ['an empty object', {}],
  ['no scopes', { scopes: [] }],
  ['scopes that are one string', { scopes: 'orders:read' }],
  ['an empty scope', { scopes: [''] }],
  ['two scopes in one', { scopes: ['orders:read orders:write'] }],
  ['a scope with a quote', { scopes: ['orders:"read'] }],
  ['a scope that is a number', { scopes: [1] }],
  ['no roles', { scopes: ['orders:read'], roles: [] }],
  ['roles without scopes', { roles: ['support'] }],
  ['a misspelt key', { scopes: ['orders:read'], role: ['support'] }],
  ['roles undefined', { scopes: ['orders:read'], roles: undefined }],
]

t.test('what is not a guard is a TypeError that names the route', async (t) => {
  for (const [name, guard] of unusable) {
    t.throws(() => compileRule(guard, 'GET /x'), { name: 'TypeError', message: /^GET \/x: / }, name)
  }
  t.same(compileRule('public', 'GET /x'), 'public')
  t.same(compileRule({ scopes: ['a', 'b'] }, 'GET /x'), { scopes: ['a', 'b'], roles: [] })
})

t.test(
  'whatever is given, the outcome is public only when it says so, and never a rule without a scope',
  async () => {
    fc.assert(
      fc.property(fc.anything(), (guard) => {
        try {
          const rule = compileRule(guard, 'GET /x')
          return rule === 'public' ? guard === 'public' : rule.scopes.length > 0
        } catch (error) {
          return error instanceof TypeError
        }
      }),
    )
  },
)

t.test('a service with a route that says nothing does not start', async (t) => {
  const trust = await createTrust(t.testdir())
  const ctx = serviceContext({ trust, door: 'https://127.0.0.1:9' })
  const attempt = (register: (app: FastifyInstance) => void) => {
    let isStopped = false
    const onStop = async () => {
      isStopped = true
    }
    const starting = startService({ name: 'orders', context: contextOf(ctx, 'orders'), register, onStop })
    return { starting, stopped: () => isStopped }
  }
  const bare = attempt((app) => app.get('/x', () => ({})))
  await t.rejects(bare.starting, { name: 'TypeError', message: /^GET \/x: / })
  t.ok(bare.stopped(), 'what the service had opened is closed')

  const nested = attempt((app) => {
    app.register(async (scope) => {
      scope.post('/y', { config: {} }, () => ({}))
    })
  })
  await t.rejects(
    nested.starting,
    { name: 'TypeError', message: /^POST \/y: / },
    'in a scope of its own, too',
  )
})
