import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person, type Seen } from './person.ts'

/** A page without what differs by nature: the ids of this interaction. */
function words(seen: Seen): string {
  return seen.html.replaceAll(/\/interaction\/[\w-]+/g, '/interaction/*').replaceAll(/value="[^"]*"/g, '')
}

t.test('who cannot sign in learns nothing', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const attempt = async (username: string, password: string): Promise<Seen & { ms: number }> => {
    const person = new Person()
    const page = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
    const before = performance.now()
    const seen = await person.submit(page, 'Sign in', { username, password })
    return { ...seen, ms: performance.now() - before }
  }
  const wrong = await attempt('alice', 'not her password')
  const unknown = await attempt('mallory', 'not a password')
  const impossible = await attempt('no such name!', 'x')
  t.equal(wrong.status, 400)
  t.equal(words(unknown), words(wrong), 'the same page whether or not there is such an account')
  t.equal(words(impossible), words(wrong))
  t.same([unknown.status, impossible.status], [400, 400])
  t.notOk(wrong.html.includes('not her password'), 'the password does not come back')
  t.match(wrong.html, /role="alert" id="fault"/)
  t.match(wrong.html, /aria-describedby="fault"/)

  await t.test('and takes the same time', async (t) => {
    // The best of several, in turn: whoever else has the core for a while slows one of them down.
    let [known, nobody] = [Infinity, Infinity]
    for (let round = 0; round < 5; round += 1) {
      known = Math.min(known, (await attempt('carol', 'guess')).ms)
      nobody = Math.min(nobody, (await attempt('nobody', 'guess')).ms)
    }
    // A hash takes 7 ms; without one the answer would come in a fraction of that.
    t.ok(nobody > known / 3, `known ${known.toFixed(1)} ms, unknown ${nobody.toFixed(1)} ms`)
  })

  const seen = (await attempt('ALICE', platform.credentials.password('alice'))).headers.get('location')
  t.match(seen, /\/oauth\/authorize\//, 'names are compared without case')
})

t.test('guessing is stopped, by account and by address', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const person = new Person()
  const page = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
  const attempt = (username: string, password: string): Promise<Seen> =>
    person.submit(page, 'Sign in', { username, password })

  await t.test('by account, existing or not', async (t) => {
    for (const username of ['alice', 'nobody']) {
      const all = await Promise.all(Array.from({ length: 14 }, (_, i) => attempt(username, `guess ${i}`)))
      t.equal(all.filter(({ status }) => status === 400).length, 10, `${username}: ten tries, even at once`)
      const [first] = all.filter(({ status }) => status === 429)
      t.ok(Number(first?.headers.get('retry-after')) > 0)
    }
    const right = await attempt('alice', platform.credentials.password('alice'))
    t.equal(right.status, 429, 'not even the right password')
    t.equal(words(right), words(await attempt('nobody', 'guess')), 'the same words for both')
    platform.clock.advance(5 * 60_000 + 1000)
    t.equal((await attempt('alice', platform.credentials.password('alice'))).status, 303, 'later it is')
  })

  await t.test('by address, whatever the names', async (t) => {
    const again = await person.follow(await person.open(authorizeUrl(issuer, newPkce(), { prompt: 'login' })))
    const statuses: number[] = []
    for (let i = 0; i < 65; i += 1) {
      statuses.push((await person.submit(again, 'Sign in', { username: `name${i}`, password: 'x' })).status)
    }
    t.equal(statuses.filter((status) => status === 400).length, 60)
    t.equal(statuses.at(-1), 429)
  })
})
