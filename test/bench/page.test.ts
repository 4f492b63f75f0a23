import { readFileSync } from 'node:fs'
import t from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { pageWith } from '../../bench/report/page.ts'
import { placeFor } from '../../bench/report/write.ts'
import { targetIds } from '../../bench/targets.ts'

const Latest = Type.Object({
  at: Type.String(),
  pace: Type.String(),
  machine: Type.Record(Type.String(), Type.Unknown()),
  targets: Type.Array(
    Type.Object({
      id: Type.Enum(targetIds),
      name: Type.String(),
      target: Type.String(),
      reached: Type.Union([Type.Number(), Type.Null()]),
      met: Type.Boolean(),
      range: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
      note: Type.Optional(Type.String()),
      measured: Type.Optional(Type.String()),
    }),
  ),
})
const { dir, page = '' } = placeFor(undefined)
const latest = Value.Parse(Latest, JSON.parse(readFileSync(`${dir}/latest.json`, 'utf8')))

t.test('the table of targets on the page is the one that latest.json makes', async (t) => {
  const text = readFileSync(page, 'utf8')
  t.equal(pageWith(text, latest), text, 'run the bench, or write the page from its results')
})

t.test('latest.json has every target once, in the order of the targets', async (t) => {
  t.same(
    latest.targets.map(({ id }) => id),
    targetIds,
  )
})

t.test('what stands between the marks is written anew, and nothing else', async (t) => {
  const marked =
    'before\n<!-- written by npm run bench -->\nold\n<!-- end of what npm run bench writes -->\nafter\n'
  const once = pageWith(marked, latest)
  t.match(once, /^before\n[\s\S]*\| what \|[\s\S]*\nafter\n$/)
  t.notMatch(once, /^old$/m)
  t.equal(pageWith(once, latest), once)
  t.throws(() => pageWith('no marks', latest), /has no lines/)
})
