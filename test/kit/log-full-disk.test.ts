import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import t from 'tap'
import { root } from '../harness/sources.ts'

const program = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { createLogger } from '@gatehouse/kit/log'
  import { AccessLog } from './gateway/log/access-log.ts'
  const log = createLogger({ name: 'test' })
  const access = new AccessLog(log, 'test')
  const entry = { txn: 'txn_1', method: 'GET', path: '/' + 'x'.repeat(1000), status: 200, ms: 1, bytes: 2 }
  const before = process.memoryUsage().rss
  for (let n = 0; n < 100; n++) {
    for (let each = 0; each < 1000; each++) {
      access.write(entry)
      if (each % 2 === 0) log.info({ path: entry.path }, 'hello')
    }
    access.flush()
    await sleep(1)
  }
  log.fatal({}, 'the end')
  const grown = (process.memoryUsage().rss - before) / 1024 ** 2
  console.error(JSON.stringify({ grown }))
`

t.test(
  'a disk that is full costs lines, and neither the process nor its memory',
  { skip: !existsSync('/dev/full') && 'no /dev/full here' },
  async (t) => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
      cwd: root,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    })
    let err = ''
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
    const code = await new Promise((resolve) => child.once('close', resolve))
    t.equal(code, 0, err)
    const said: unknown = JSON.parse(err)
    t.ok(Object(said).grown < 100, `grew by ${Object(said).grown} MiB, with 150 MiB to say`)
  },
)
