import { randomBytes } from 'node:crypto'
import t from 'tap'
import { SeenOnce } from '../../gateway/authn/seen-once.ts'

const signatures = (count: number) => Array.from({ length: count }, () => randomBytes(64))

t.test('what was noted is known, and nothing else', async (t) => {
  const seen = new SeenOnce()
  const [noted, others] = [signatures(10_000), signatures(10_000)]
  for (const signature of noted) seen.add(signature)
  const missing = noted.filter((signature) => !seen.has(signature))
  t.ok(missing.length < 100, `${missing.length} of 10,000 pushed out by others`)
  const strangers = others.filter((signature) => seen.has(signature))
  t.ok(strangers.length < 10, `${strangers.length} of 10,000 taken for others`)
  t.notOk(seen.has(Buffer.alloc(64)), 'an empty place is nobody')
})

t.test('a flood pushes out what came long ago', async (t) => {
  const seen = new SeenOnce()
  const [early, late] = [signatures(1_000), signatures(1_000)]
  for (const signature of [...early, ...signatures(150_000), ...late]) seen.add(signature)
  t.ok(early.filter((signature) => seen.has(signature)).length < 10)
  t.ok(late.filter((signature) => seen.has(signature)).length > 990)
})
