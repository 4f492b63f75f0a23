import t from 'tap'
import { installClock } from './clock.ts'

t.test('the whole process sees the moved time, and the real one again afterwards', async (t) => {
  const captured = Date
  const before = Date.now()
  const clock = installClock()
  clock.advance(3_600_000)
  t.ok(Date.now() - before >= 3_600_000, 'Date.now')
  t.ok(captured.now() - before >= 3_600_000, 'a reference taken earlier')
  t.ok(new Date().getTime() - before >= 3_600_000, 'new Date()')
  t.equal(new Date(5).getTime(), 5, 'a given time stays')
  t.ok(new Date() instanceof Date)
  t.ok(new Date() instanceof captured)
  const [earlier, now, later] = [Date.now(), clock.now(), Date.now()]
  t.ok(earlier <= now && now <= later, 'its own time is that of all others')
  clock.hold()
  const held = clock.now()
  for (const until = performance.now() + 5; performance.now() < until;);
  t.equal(Date.now(), held, 'it stands still')
  clock.advance(1)
  t.equal(Date.now(), held + 1, 'but for what it is moved')
  clock.restore()
  t.ok(Date.now() - before < 60_000)
  t.equal(Date, captured)
})
