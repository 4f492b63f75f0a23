import t from 'tap'
import { Breaker } from '../../gateway/upstream/breaker.ts'
import { HandClock } from './upstream-fixture.ts'

const config = { errorPercent: 50, volume: 4, windowMs: 10_000, openMs: 5000 }

function makeBreaker() {
  const clock = new HandClock()
  const states: string[] = []
  const breaker = new Breaker(config, { clock, onChange: (state) => states.push(state) })
  return { clock, states, breaker }
}

function opened() {
  const made = makeBreaker()
  for (let count = 0; count < config.volume; count++) made.breaker.failed()
  return made
}

t.test('it opens at half of the requests failing, and not before there are enough', async (t) => {
  const { breaker, states } = makeBreaker()
  for (let count = 0; count < 3; count++) breaker.failed()
  t.equal(breaker.admit(), 0, 'three of three say too little')
  breaker.succeeded()
  breaker.failed()
  t.ok(breaker.admit() > 0)
  t.same(states, ['open'])
})

t.test('failures that are spread thinly do not open it', async (t) => {
  const { breaker, clock } = makeBreaker()
  for (let count = 0; count < 100; count++) {
    breaker.failed()
    breaker.succeeded()
    breaker.succeeded()
    clock.ms += 10
  }
  for (let count = 0; count < 20; count++) {
    clock.ms += config.windowMs
    breaker.failed()
  }
  t.equal(breaker.admit(), 0)
})

t.test('open, it lets one through after its time, and that one decides', async (t) => {
  const { breaker, clock, states } = opened()
  t.equal(breaker.admit(), config.openMs, 'it says for how long')
  clock.ms += config.openMs
  t.equal(breaker.admit(), 0)
  t.ok(breaker.admit() > 0, 'no second one meanwhile')
  breaker.failed()
  t.equal(breaker.admit(), config.openMs)
  clock.ms += config.openMs
  breaker.admit()
  breaker.succeeded()
  t.same([breaker.admit(), breaker.admit()], [0, 0])
  t.same(states, ['open', 'trying', 'open', 'trying', 'closed'])
})

t.test('a trial that its caller gave up leaves the place to another', async (t) => {
  const { breaker, clock } = opened()
  clock.ms += config.openMs
  breaker.admit()
  breaker.undecided()
  t.equal(breaker.admit(), 0)
})

t.test('a trial that takes its time keeps others out no longer than the wait before it', async (t) => {
  const { breaker, clock, states } = opened()
  clock.ms += config.openMs
  t.equal(breaker.admit(), 0)
  clock.ms += config.openMs - 1
  t.equal(breaker.admit(), 1)
  clock.ms += 1
  t.same([breaker.admit(), breaker.admit()], [0, 1], 'one more, and no third')
  breaker.succeeded()
  t.equal(breaker.admit(), 0)
  breaker.undecided()
  t.equal(breaker.admit(), 0, 'whatever becomes of the slow one')
  t.same(states, ['open', 'trying', 'closed'])
})

t.test('of two trials the first that says something decides', async (t) => {
  const { breaker, clock, states } = opened()
  for (const _ of [1, 2]) {
    clock.ms += config.openMs
    breaker.admit()
  }
  breaker.failed()
  breaker.succeeded()
  t.equal(breaker.admit(), config.openMs)
  t.same(states, ['open', 'trying', 'open'])
})

t.test('a clock that is set back keeps it open no longer, and makes no window longer', async (t) => {
  const { breaker, clock } = opened()
  clock.ms -= 3_600_000
  t.equal(breaker.admit(), config.openMs)
  clock.ms += config.openMs
  t.equal(breaker.admit(), 0)
  breaker.succeeded()
  breaker.failed()
  breaker.failed()
  breaker.failed()
  clock.ms -= 3_600_000
  breaker.succeeded()
  clock.ms += config.windowMs - 1
  breaker.failed()
  t.equal(breaker.admit(), 0, 'one of two in its window')
})
