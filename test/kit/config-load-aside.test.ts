import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, loadConfig } from '@gatehouse/kit/config/load'
import { loadAside } from '@gatehouse/kit/config/load-aside'
import t from 'tap'
import { dir, upstream, validRoute } from './config-load.ts'

const route = (id: number): string =>
  [`  - id: things${id}`, ...validRoute.map((line) => `    ${line.replace('/things', `/things${id}`)}`)].join(
    '\n',
  )
const routes = (count: number): string =>
  ['routes:', ...Array.from({ length: count }, (_, id) => route(id)), ...upstream].join('\n')

function optionsOf(text: string) {
  const file = join(dir, 'aside.yaml')
  writeFileSync(file, text)
  return { file, dataDir: join(dir, 'data'), portBase: 3000, env: { HOME: '/home' } }
}

t.test('a large file is read while other things go on', async (t) => {
  const options = optionsOf(routes(1000))
  let turns = 0
  const counting = setInterval(() => turns++, 1)
  const loaded = await loadAside(options)
  clearInterval(counting)
  t.ok(turns > 20, `${turns} timers`)
  t.strictSame(loaded, loadConfig(options), 'and is the same')
})

t.test('its faults are the same as those of a small one', async (t) => {
  for (const count of [1, 1000]) {
    const options = optionsOf(routes(count).replace('authn', 'auth'))
    const fault = await loadAside(options).catch((error: unknown) => error)
    t.type(fault, ConfigError)
    t.match(fault, { faults: [{ line: 2 }, { line: 4, path: 'routes[0].auth' }] }, `${count} routes`)
  }
})

t.test('a file that is not there, and one that is too large', async (t) => {
  const gone = { ...optionsOf(''), file: join(dir, 'gone.yaml') }
  await t.rejects(loadAside(gone), { name: 'StartError', message: /ENOENT/ })
  const large = optionsOf(`# ${'a'.repeat(5 * 1024 * 1024)}`)
  await t.rejects(loadAside(large), { name: 'StartError', message: /larger than 4 MiB/, hint: /right file/ })
})
