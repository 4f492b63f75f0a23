import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { newPlace, startHouse } from '../harness/house.ts'
import { root } from '../harness/sources.ts'

t.test('told to stop while it starts', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await until(() => house.left().length >= 4)
  const { code, ms } = await house.stop()
  t.equal(code, 0)
  t.ok(ms < 8_000, `after ${Math.round(ms)} ms`)
  t.same(house.left(), [])
})

t.test('told to stop before any part runs', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  // Whoever reads its configuration from a pipe waits there until it is written.
  const config = join(t.testdir(), 'config')
  execFileSync('mkfifo', [config])
  const house = startHouse(t, { ...place, by: 'env', env: { GATEHOUSE_CONFIG: config } })
  let pipe: number | undefined
  await until(() => (pipe = openPipe(config)) !== undefined)
  house.child.kill('SIGTERM')
  writeSync(Number(pipe), readFileSync(join(root, 'gatehouse.yaml')))
  closeSync(Number(pipe))
  t.same(await house.exited, { code: 0, signal: null })
  t.match(house.out, /stopping \(SIGTERM\)\nstopped in \d+ ms\n$/)
  t.equal(house.err, '')
  t.same(house.left(), [])
  const names = readdirSync(place.dataDir, { recursive: true }).map(String)
  t.ok(names.includes('certs/gateway.pem'), 'what it had begun is whole')
  t.same(
    names.filter((name) => name === 'run.json' || name.endsWith('.tmp')),
    [],
  )
})

/** For writing; undefined while nobody reads it. */
function openPipe(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}
