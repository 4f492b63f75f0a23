import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../harness/sources.ts'

/** What the gateway loads when it is needed, and not before it is ready: each of them costs every start 5 to 50 ms. */
const later = [
  'ajv',
  'eta',
  '@fastify/ajv-compiler',
  '@fastify/jwt',
  '@fastify/rate-limit/index.js',
  '@fastify/http-proxy',
  'iovalkey',
  'openid-client',
  'pg',
  'prom-client',
  'gateway/describe/page.ts',
  'gateway/explain/explain.ts',
  'gateway/http2',
]

t.test('the gateway starts without what it may need later', (t) => {
  // The listener is the most that Fastify loads anything for.
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    await import('./gateway/start.ts')
    const { createHttpServer } = await import('@gatehouse/kit/http/server')
    const { createLogger } = await import('@gatehouse/kit/log')
    const app = createHttpServer({ schemas: false, log: createLogger({ name: 'test', level: 'silent' }) })
    app.get('/', () => ({}))
    await app.ready()
    console.log(JSON.stringify(loaded))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    // tap's own hooks load more.
    env: {},
  })
  t.equal(stderr.replaceAll(/^\(.*\n/gm, ''), '')
  const loaded: unknown = JSON.parse(stdout)
  t.ok(Array.isArray(loaded) && loaded.length > 300, 'it looked')
  const text = String(loaded)
  for (const name of later) t.notOk(text.includes(placeOf(name)), name)
  t.end()
})

function placeOf(name: string): string {
  return name.startsWith('gateway/')
    ? join(root, name)
    : `/node_modules/${name}${name.endsWith('.js') ? '' : '/'}`
}
