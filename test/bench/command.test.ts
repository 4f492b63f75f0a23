import t from 'tap'
import { suiteNames, suites } from '../../bench/suites.ts'
import { benchCommand } from './command.ts'

t.test('--help names every suite, every case and every option', async (t) => {
  const { code, stdout } = await benchCommand(['--help'])
  t.equal(code, 0)
  for (const name of suiteNames) {
    t.match(stdout, new RegExp(`^  ${name} `, 'm'))
    t.match(stdout, `cases: ${Object.keys(suites[name].cases).join(', ')}\n`)
  }
  for (const option of [
    'quick',
    'thorough',
    'minutes',
    'rows',
    'only',
    'soak',
    'realtime',
    'profile',
    'out',
    'tiny',
  ])
    t.match(stdout, `--${option}`)
})

t.test('an unknown word measures nothing, and is told on stderr', async (t) => {
  const { code, stdout, stderr } = await benchCommand(['gatway', '--tiny'])
  t.equal(code, 2)
  t.equal(stdout, '')
  t.match(stderr, "no suite 'gatway', did you mean 'gateway'?")
})
