import fc from 'fast-check'
import t from 'tap'
import { nearestWord, suggestion } from '@gatehouse/kit/config/nearest'

const known = ['upstream', 'limits', 'authn', 'authz', 'id']

t.test('small slips are recognised', async (t) => {
  t.equal(nearestWord('upstraem', known), 'upstream', 'swapped')
  t.equal(nearestWord('limit', known), 'limits', 'missing')
  t.equal(nearestWord('UPSTREAM', known), 'upstream', 'case')
  t.equal(nearestWord('authnn', known), 'authn', 'doubled')
  t.equal(nearestWord('colour', known), undefined)
  t.equal(nearestWord('x'.repeat(100_000), known), undefined)
})

t.test('with nothing near, a short list is shown', async (t) => {
  t.equal(suggestion('colour', ['a', 'b']), '; known: a, b')
  t.equal(suggestion('colour', []), '')
})

t.test('property: a word is nearest to itself, and one changed letter does not matter', async () => {
  const word = fc.constantFrom('upstream', 'limits', 'scopes')
  fc.assert(fc.property(word, (text) => nearestWord(text, known.concat('scopes')) === text))
  fc.assert(
    fc.property(word, fc.nat({ max: 5 }), (text, at) => {
      return nearestWord(`${text.slice(0, at)}#${text.slice(at + 1)}`, known.concat('scopes')) === text
    }),
  )
})
