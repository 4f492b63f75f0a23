import t from 'tap'
import { runCli } from '../harness/run-cli.ts'

t.test('a data folder that cannot be made is said, and not waited for', async (t) => {
  for (const command of ['prepare', 'start']) {
    const ended = await runCli([command, '--data', '/proc/gatehouse/data'])
    t.match(ended, {
      code: 1,
      out: '',
      err: /cannot write to the data folder \/proc\/gatehouse\/data \(ENOENT\)\n.*GATEHOUSE_DATA/,
    })
  }
})
