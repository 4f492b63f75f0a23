import t from 'tap'
import { LatestTokens } from '../../gateway/token/latest-tokens.ts'
import { TokenShelf } from '../../gateway/token/token-shelf.ts'

const mark = Symbol('route')

/** A caller's token for each of so many things to read. */
function tokensFor(owner: LatestTokens, shelf: TokenShelf, count: number, size: number): void {
  for (let id = 0; id < count; id++) {
    const subject = { mark, address: '192.0.2.1', params: { id: String(id) }, owner }
    const token = { ...subject, token: 't'.repeat(size), txn: 'x', epoch: 0, from: 0, until: 1 }
    owner.add(token)
    shelf.add(token)
  }
}

const held = (owner: LatestTokens, count: number): number =>
  Array.from({ length: count }, (_, id) => {
    const params = { id: String(id) }
    return owner.find({ route: { tokenMark: mark }, address: '192.0.2.1', params })
  }).filter((found) => found !== undefined).length

t.test('all callers together have so many tokens, and the oldest goes first', async (t) => {
  const shelf = new TokenShelf({ places: 10, characters: 1_000_000 })
  const [early, late] = [new LatestTokens(), new LatestTokens()]
  tokensFor(early, shelf, 8, 100)
  t.equal(held(early, 8), 8)
  tokensFor(late, shelf, 8, 100)
  t.equal(held(early, 8), 2)
  t.equal(held(late, 8), 8)
})

t.test('and so many characters', async (t) => {
  const shelf = new TokenShelf({ places: 100, characters: 1_000 })
  const owners = Array.from({ length: 20 }, () => new LatestTokens())
  for (const owner of owners) tokensFor(owner, shelf, 1, 300)
  t.same(
    owners.map((owner) => held(owner, 1)),
    [...Array.from({ length: 17 }, () => 0), 1, 1, 1],
  )
  const last = new LatestTokens()
  tokensFor(last, shelf, 1, 5_000)
  t.equal(held(last, 1), 1, 'one that is too large alone has the shelf for itself')
  t.same(
    owners.filter((owner) => held(owner, 1) > 0),
    [],
  )
  tokensFor(last, shelf, 1, 300)
  t.equal(held(last, 1), 1, 'and what replaces it stays')
})
