import fc from 'fast-check'
import t from 'tap'
import { holds } from '../harness/holds.ts'
import { narrow, parseScopeList } from '../../gateway/internal/narrow.ts'

t.test('token ∩ edge ∩ asked', async (t) => {
  const edge = new Set(['a', 'b'])
  t.same(narrow('a b c', edge, undefined), { granted: ['a', 'b'], refused: [] })
  t.same(narrow('a b c', edge, ['b']), { granted: ['b'], refused: [] })
  t.same(narrow('a', edge, ['a', 'b', 'c']), { granted: ['a'], refused: ['b', 'c'] })
  t.same(narrow('', edge, undefined), { granted: [], refused: [] })
  t.same(narrow('c', edge, ['c']), { granted: [], refused: ['c'] })
})

t.test('nothing is ever granted that one of the three lacks', async (t) => {
  const scopes = fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e'))
  holds(
    t,
    fc.property(scopes, scopes, fc.option(scopes, { nil: undefined }), (token, edge, asked) => {
      const { granted } = narrow(token.join(' '), new Set(edge), asked)
      return granted.every(
        (one) => token.includes(one) && edge.includes(one) && (asked?.includes(one) ?? true),
      )
    }),
  )
})

t.test('a list of scopes', async (t) => {
  t.same(parseScopeList('a b:c'), ['a', 'b:c'])
  for (const text of ['', ' ', 'a  b', ' a', 'a ', 'a\tb', 'a"b', 'a\\b', 'ä'])
    t.equal(parseScopeList(text), undefined, text)
})
