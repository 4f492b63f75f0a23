import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import { contextFromEnvironment } from '@gatehouse/kit/lifecycle'
import { dataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'

const dir = t.testdir()
const file = new URL('../../gatehouse.yaml', import.meta.url).pathname
const config = loadConfig({ file, dataDir: dir, portBase: 3000, env: {} })
prepareDataFolder(dataPaths(dir), config, { production: false, clock: systemClock })

interface Forked {
  readonly child: ChildProcess
  readonly output: Promise<string>
  readonly exit: Promise<unknown>
}

function forkPart(t: Test, behaviour: string, env: Readonly<Record<string, string>> = {}): Forked {
  const child = fork(new URL('./lifecycle-part.ts', import.meta.url), {
    execArgv: [],
    env: { GATEHOUSE_DATA: dir, GATEHOUSE_PORT_BASE: '5000', PART_BEHAVIOUR: behaviour, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes')
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join(''))
  return { child, output, exit: once(child, 'exit').then(([code]) => code) }
}

async function message(child: ChildProcess): Promise<unknown> {
  const [first] = await once(child, 'message')
  return first
}

t.test('a part says that it is ready and where, and stops on a signal', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, exit, output } = forkPart(t, 'good')
    t.strictSame(await message(child), { type: 'ready', urls: { url: 'https://localhost:6001' } })
    child.kill(signal)
    t.equal(await exit, 0, signal)
    t.match(await output, /"msg":"stopped cleanly"/)
  }
})

t.test('a part outlives the terminal until its parent says stop, and then stops cleanly', async (t) => {
  const { child, exit, output } = forkPart(t, 'good')
  await message(child)
  child.kill('SIGHUP')
  child.send('still there?')
  t.equal(await Promise.race([message(child), exit]), 'yes')
  child.kill('SIGTERM')
  t.equal(await exit, 0)
  t.match(await output, /stopped cleanly/)
})

t.test('a part stops when its parent is gone', async (t) => {
  const { child, exit, output } = forkPart(t, 'good')
  await message(child)
  child.disconnect()
  t.equal(await exit, 0)
  t.match(await output, /stopped cleanly/)
})

t.test('a part that hangs while stopping is ended within its limit', async (t) => {
  const { child, exit } = forkPart(t, 'stuck')
  await message(child)
  const begin = performance.now()
  child.kill('SIGTERM')
  t.equal(await exit, 1)
  t.ok(performance.now() - begin < 20_000, 'not after the 30 s that it wants')
})

t.test('a part that cannot stop cleanly says so', async (t) => {
  const { child, exit, output } = forkPart(t, 'stop-error')
  await message(child)
  child.kill('SIGTERM')
  t.equal(await exit, 1)
  t.match(await output, /users did not stop cleanly/)
})

t.test('a part that is still starting stops as well', async (t) => {
  const { child, exit } = forkPart(t, 'slow-start')
  t.equal(await message(child), 'starting')
  child.kill('SIGTERM')
  t.equal(await exit, 0)
})

t.test('a StartError is told as a line and a hint, without a stack', async (t) => {
  const { child, exit, output } = forkPart(t, 'start-error')
  t.strictSame(await message(child), { type: 'failed', message: 'the thing is broken', hint: 'mend it' })
  t.equal(await exit, 1)
  t.notMatch(await output, /at .*\.ts/)
})

t.test('a fault of ours keeps its stack in the log', async (t) => {
  const { child, exit, output } = forkPart(t, 'bug')
  t.match(await message(child), { type: 'failed', message: /users failed to start: x is not a function/ })
  t.equal(await exit, 1)
  t.match(await output, /"level":"fatal".*lifecycle-part\.ts/)
})

t.test('a forgotten rejection ends the process and is logged', async (t) => {
  const { exit, output } = forkPart(t, 'crash')
  t.equal(await exit, 1)
  t.match(await output, /"level":"fatal".*forgotten.*"msg":"crashed"/)
})

t.test('without a master key nothing starts', async (t) => {
  const { child, exit } = forkPart(t, 'good', { GATEHOUSE_DATA: t.testdir() })
  t.match(await message(child), { type: 'failed', message: /master key/, hint: /npm start/ })
  t.equal(await exit, 1)
})

t.test('what the environment says wrongly', async (t) => {
  const env = { GATEHOUSE_DATA: dir }
  for (const base of ['80', '99999', 'abc', '3000.5', '-1']) {
    t.throws(() => contextFromEnvironment('users', { ...env, GATEHOUSE_PORT_BASE: base }), {
      message: /GATEHOUSE_PORT_BASE is '.*', which is no port/,
    })
  }
  t.throws(() => contextFromEnvironment('users', { ...env, GATEHOUSE_LOG_LEVEL: 'loud' }), {
    message: /GATEHOUSE_LOG_LEVEL is 'loud'/,
    hint: /info/,
  })
  t.throws(() => contextFromEnvironment('users', { ...env, GATEHOUSE_CONFIG: '/nope.yaml' }), {
    message: /\/nope\.yaml cannot be read \(ENOENT\)/,
    hint: /GATEHOUSE_CONFIG/,
  })
  t.equal(
    contextFromEnvironment('users', { ...env, GATEHOUSE_PORT_BASE: '' }).config.issuer,
    'http://localhost:3001',
  )
})
