import { Agent, Pool } from '@gatehouse/kit/http/undici'
import { spawnSync } from 'node:child_process'
import t from 'tap'
import * as undici from 'undici'

t.test('what is loaded in parts is what the whole exports', (t) => {
  t.equal(Object.getPrototypeOf(Pool), undici.Pool)
  t.equal(Object.getPrototypeOf(Agent), undici.Agent)
  t.ok('request' in Pool.prototype)
  t.end()
})

t.test('neither undici’s fetch nor Node’s own comes along', (t) => {
  const script = `
    await import('@gatehouse/kit/http/undici')
    const { createRequire } = await import('node:module')
    const loaded = Object.keys(createRequire('${import.meta.filename}').cache).filter((file) => file.includes('/undici/'))
    console.log(JSON.stringify({
      fetch: loaded.some((file) => file.includes('/web/fetch/')),
      pool: loaded.some((file) => file.endsWith('/pool.js')),
      builtIn: process.moduleLoadList.some((name) => name.includes('deps/undici')),
    }))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    // tap's own hooks load more.
    env: {},
  })
  t.strictSame(JSON.parse(stdout), { fetch: false, pool: true, builtIn: false })
  t.end()
})
