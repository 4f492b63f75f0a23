import t from 'tap'
import { eventually, type Platform, type SessionClient, startPlatform } from '../harness/index.ts'
import { newTokens } from '../idp/native.ts'
import { Person } from '../idp/person.ts'

const path = '/api/orders/events'

/** A feed that is open, and what it said until it was cut. */
async function follow(open: Promise<Response>) {
  const response = await open
  if (response.status !== 200 || response.body === null) throw new Error(`no feed: ${response.status}`)
  const seen = { text: '', isOver: false }
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder()
    try {
      for await (const chunk of body) seen.text += decoder.decode(chunk, { stream: true })
    } catch {
      // It is cut, not ended.
    }
    seen.isOver = true
  }
  void read(response.body)
  await eventually(() => seen.text.includes('retry:'))
  return seen
}

const never = { signal: AbortSignal.timeout(60_000) }
const feedOf = (session: SessionClient) => follow(session.fetch(path, never))
const withToken = (platform: Platform, token: string) => follow(platform.fetch(path, { token, ...never }))
const reason = (code: string) => new RegExp(`event: gatehouse-closed\\ndata: \\{"code":"${code}"\\}\\n\\n$`)

t.test('a feed tells of orders, and why it ends, to those alone whom it concerns', async (t) => {
  const platform = await startPlatform({ t })
  const person = new Person()
  const alice = await platform.signIn('alice', { cookies: person.jar })
  const bob = await platform.signIn('bob')
  const carol = await platform.signIn('carol')
  const feeds = { alice: await feedOf(alice), bob: await feedOf(bob), carol: await feedOf(carol) }

  const order = { method: 'POST', headers: { 'content-type': 'application/json' } }
  await alice.fetch('/api/orders', { ...order, body: '{"sku":"linen-tote","quantity":2}' })
  t.ok(await eventually(() => feeds.alice.text.includes('event: placed')))
  t.match(feeds.alice.text, /data: \{"id":"ord_\w+","sku":"linen-tote","quantity":2/)
  t.notMatch(feeds.bob.text, /placed/, "others' orders are nobody's business")

  await bob.fetch('/auth/logout', { method: 'POST' })
  t.ok(await eventually(() => feeds.bob.isOver))
  t.match(feeds.bob.text, reason('no_session'), 'signed out here')

  const page = await person.open(`${platform.config.issuer}/oauth/logout`)
  await person.submit(page, 'Sign out')
  t.ok(await eventually(() => feeds.alice.isOver))
  t.match(feeds.alice.text, reason('no_session'), 'signed out at the identity server')
  t.notOk(feeds.carol.isOver)

  platform.clock.advance(13 * 3_600_000)
  t.ok(await eventually(() => feeds.carol.isOver))
  t.match(feeds.carol.text, reason('no_session'), 'the session ran out')
})

t.test('a feed on a token ends with the token', async (t) => {
  const platform = await startPlatform({ t })
  const { accessToken, refreshToken } = await newTokens(platform)
  const feed = await withToken(platform, accessToken)
  const body = new URLSearchParams({ client_id: 'demo-native', token: refreshToken })
  await fetch(`${platform.config.issuer}/oauth/revoke`, { method: 'POST', body })
  t.ok(await eventually(() => feed.isOver))
  t.match(feed.text, reason('invalid_token'))
  t.equal((await platform.fetch(path, { token: accessToken })).status, 401)
})
