import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dataPaths } from '@gatehouse/kit/paths'
import t from 'tap'
import { checkNotRunning } from '../../cli/start/already-running.ts'

t.test('only living parts count', async (t) => {
  const paths = dataPaths(t.testdir({}))
  const left = (content: string) => {
    writeFileSync(paths.runJson, content)
    return () => checkNotRunning(paths)
  }
  t.doesNotThrow(() => checkNotRunning(paths), 'no run.json')
  t.doesNotThrow(left('not json'))
  t.doesNotThrow(left('{"pids":{"orders":2147483646}}'), 'a process that is gone')
  t.doesNotThrow(left('{"pids":{"orders":0}}'), 'one that was not there')
  t.doesNotThrow(left(`{"pids":{"orders":${process.pid}}}`), 'its number belongs to another program now')

  const part = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', 'services/orders/main.ts'])
  t.teardown(() => part.kill('SIGKILL'))
  await new Promise((resolve) => part.once('spawn', resolve))
  t.throws(left(`{"pids":{"orders":${part.pid}}}`), {
    message: new RegExp(`another Gatehouse runs on the data folder .* \\(orders ${part.pid}\\)`),
    hint: /GATEHOUSE_DATA/,
  })
})
