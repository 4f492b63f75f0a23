import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { InOneGo } from '../../gateway/authn/in-one-go.ts'

t.test('all of one turn is done before anything of it goes on', async (t) => {
  const inOneGo = new InOneGo()
  const happened: string[] = []
  const ask = async (name: string): Promise<void> => {
    const answer = await inOneGo.do(() => {
      happened.push(`did ${name}`)
      return name.toUpperCase()
    })
    happened.push(`got ${answer}`)
  }
  await Promise.all(['a', 'b', 'c'].map(ask))
  t.same(happened, ['did a', 'did b', 'did c', 'got A', 'got B', 'got C'])
})

t.test('nothing is done in the turn in which it was asked for', async (t) => {
  const inOneGo = new InOneGo()
  let isDone = false
  const asked = inOneGo.do(() => {
    isDone = true
  })
  await Promise.resolve()
  t.notOk(isDone)
  await asked
  t.ok(isDone)
})

t.test('what one throws or rejects with is its own', async (t) => {
  const inOneGo = new InOneGo()
  const results = await Promise.allSettled([
    inOneGo.do(() => {
      throw new Error('thrown')
    }),
    inOneGo.do(() => Promise.reject(new Error('rejected'))),
    inOneGo.do(() => 'fine'),
    inOneGo.do(() => Promise.resolve('fine later')),
  ])
  t.same(
    results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    ['thrown', 'rejected', 'fine', 'fine later'],
  )
})

t.test('of very many, others get their turn in between, and none is forgotten', async (t) => {
  const inOneGo = new InOneGo()
  const done: number[] = []
  const all = Promise.all(Array.from({ length: 200 }, (_, n) => inOneGo.do(() => done.push(n))))
  const seen: number[] = []
  while (done.length < 200) {
    await nextTurn()
    seen.push(done.length)
  }
  await all
  t.ok(seen[0] !== undefined && seen[0] < 200, `${seen.join(', ')} after each turn`)
  t.same(done, Array.from({ length: 200 }).keys().toArray())
})

t.test('what is asked for meanwhile comes in the next turn', async (t) => {
  const inOneGo = new InOneGo()
  const second = await inOneGo.do(() => inOneGo.do(() => 'second'))
  t.equal(second, 'second')
})
