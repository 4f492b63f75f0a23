import t from 'tap'
import { ArgumentError, readArguments } from '../../bench/args.ts'
import { suiteNames, suites } from '../../bench/suites.ts'
import { placeOf, settle, targetIds } from '../../bench/targets.ts'

function faultOf(...args: string[]): string {
  try {
    readArguments(args)
    return 'none'
  } catch (error) {
    return error instanceof ArgumentError ? error.message : 'not an ArgumentError'
  }
}

t.test('without words every suite runs; with words only those, and as a whole', async (t) => {
  t.same(readArguments([]).suites, suiteNames)
  t.equal(readArguments([]).isWhole, false)
  t.same(readArguments(['idp', 'kit', '--quick']).suites, ['idp', 'kit'])
  t.equal(readArguments(['idp']).isWhole, true)
  t.equal(readArguments(['gateway', '--soak', '10m']).soakSeconds, 600)
})

t.test('what measures nothing is a fault that names the nearest right word', async (t) => {
  t.match(faultOf('gatway'), "no suite 'gatway', did you mean 'gateway'?")
  t.match(faultOf('--only', 'hto'), "--only hto fits no case, did you mean 'hot'?")
  t.match(faultOf('idp', '--only', 'hot'), '--only hot fits no case')
  t.match(faultOf('--onyl', 'hot'), "no option '--onyl', did you mean '--only'?")
  t.match(faultOf('--soak', 'long'), '--soak takes a time')
  t.match(faultOf('--rows', 'all'), '--rows takes a number')
  t.match(faultOf('--quick', '--thorough'), 'one of --quick, --thorough')
  t.match(faultOf('--minutes', '0'), '--minutes takes a number')
  t.equal(faultOf('gateway', '--only', 'hot'), 'none')
})

t.test('every target is measured by a case that there is, and says so when it was not', async (t) => {
  for (const id of targetIds) {
    const { suite, case: of } = placeOf(id)
    const cases = Object.keys(suites[suite].cases)
    t.ok(suite === 'growth' || cases.includes(of), `${id}: ${suite} has ${cases.join(', ')}`)
  }
  const settled = settle([{ target: 'hot.bare', value: 1.5 }], (id) => `no ${id}`)
  t.same(
    settled.map(({ id }) => id),
    targetIds,
  )
  t.match(
    settled.find(({ id }) => id === 'hot.bare'),
    { reached: 1.5, met: true },
  )
  t.match(
    settled.find(({ id }) => id === 'mtls.bare'),
    { reached: null, met: false, note: 'no mtls.bare' },
  )
})
