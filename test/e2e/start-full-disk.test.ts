import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newPlace } from '../harness/house.ts'
import { root } from '../harness/sources.ts'
import { pidsIn } from '../harness/start-files.ts'

t.test(
  'what start prints goes to a disk that is full: the house goes on',
  { timeout: 240_000, skip: !existsSync('/dev/full') && 'no /dev/full here' },
  async (t) => {
    const { dataDir, portBase } = await newPlace(t)
    const variables = { GATEHOUSE_DATA: dataDir, GATEHOUSE_PORT_BASE: String(portBase) }
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [join(root, 'cli/bin.mjs'), 'start'], {
      cwd: root,
      env: { PATH: process.env['PATH'], NODE_DISABLE_COMPILE_CACHE: '1', ...variables },
      stdio: ['ignore', full, full],
    })
    t.teardown(() => child.kill('SIGKILL'))
    const exited = new Promise((resolve) => child.once('close', resolve))
    while (!existsSync(join(dataDir, 'run.json')) && child.exitCode === null) await sleep(20)
    const before = pidsIn(dataDir)['orders'] ?? 0
    process.kill(before, 'SIGKILL')
    while (pidsIn(dataDir)['orders'] === before && child.exitCode === null) await sleep(20)
    t.equal(child.exitCode, null, 'it runs, and has started the part again')
    child.kill('SIGTERM')
    t.equal(await exited, 0)
  },
)
