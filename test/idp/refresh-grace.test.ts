import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startPlatform, type Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { nativeClient, newTokens, outcome, refresh } from './native.ts'
import { withStore } from './registered.ts'
import { WebClient } from './web.ts'

const twenty = Array.from({ length: 20 })

t.test('a refresh response that got lost may be asked again', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, idp } = platform.config
  const successorOf = async (response: Response) => textField(await response.json(), 'refresh_token')

  await t.test('the same client gets the same successor, as often as it asks', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const first = await successorOf(await refresh(issuer, refreshToken))
    for (let again = 0; again < 3; again++) {
      t.equal(await successorOf(await refresh(issuer, refreshToken)), first)
      platform.clock.advance(1000)
    }
    t.equal(await outcome(await refresh(issuer, first)), '200', 'and can use it')
  })

  await t.test('another client does not', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const first = await successorOf(await refresh(issuer, refreshToken))
    t.equal(await outcome(await new WebClient(platform).refresh(refreshToken)), '400 invalid_grant')
    t.equal(await outcome(await refresh(issuer, first)), '200', 'and harms nobody')
  })

  await t.test('not after the grace: that is reuse, ends the family, and is on record', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const first = await successorOf(await refresh(issuer, refreshToken))
    platform.clock.advance(idp.refreshGraceMs + 1000)
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    t.equal(await outcome(await refresh(issuer, first)), '400 invalid_grant', 'the successor is dead')
    t.equal(await reuses(platform), 1)
  })

  await t.test('not once the successor was used: its owner has it, so this is somebody else', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const first = await successorOf(await refresh(issuer, refreshToken))
    const second = await successorOf(await refresh(issuer, first))
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    t.equal(await outcome(await refresh(issuer, second)), '400 invalid_grant', 'the family is dead')
  })

  await t.test('20 at once: one successor, and if any came before the answer, the family ends', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const answers = await Promise.all(twenty.map(() => refresh(issuer, refreshToken)))
    const served = answers.filter(({ status }) => status === 200)
    const [first = '', ...more] = new Set(await Promise.all(served.map(successorOf)))
    t.same(more, [], 'whoever asks after the answer gets the same')
    const isReuse = served.length < twenty.length
    t.equal(await outcome(await refresh(issuer, first)), isReuse ? '400 invalid_grant' : '200')
    t.equal(await reuses(platform), isReuse ? 3 : 2, 'on record, once')
  })

  await t.test('a request that was given up and repeated at once, ten times in a row', async (t) => {
    const before = await reuses(platform)
    let { refreshToken } = await newTokens(platform)
    for (let time = 0; time < 10; time++) {
      await giveUp(issuer, refreshToken)
      const repeated = await refresh(issuer, refreshToken)
      t.equal(repeated.status, 200)
      refreshToken = await successorOf(repeated)
    }
    t.equal(await reuses(platform), before, 'nothing of it was reuse')
  })
})

/** Sends a refresh, and goes away without waiting for the answer. */
async function giveUp(issuer: string, refreshToken: string): Promise<void> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: nativeClient,
    refresh_token: refreshToken,
  }).toString()
  const { hostname, port, host } = new URL(issuer)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const head = `POST /oauth/token HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-www-form-urlencoded`
  await new Promise((sent) => {
    socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`, sent)
  })
  socket.destroy()
}

/** How many families were ended because of reuse. */
async function reuses(platform: Platform): Promise<number> {
  let count = 0
  await withStore(platform, async ({ db }) => {
    const rows = await db
      .selectFrom('audit')
      .select('details')
      .where('action', '=', 'grant.revoked')
      .execute()
    count = rows.filter(({ details }) => String(details).includes('"reason":"reuse"')).length
  })
  return count
}

t.test('without a grace every second use is reuse', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { refreshGrace: 0s }' })
  const { issuer } = platform.config
  const { refreshToken } = await newTokens(platform)
  const first = textField(await (await refresh(issuer, refreshToken)).json(), 'refresh_token')
  t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
  t.equal(await outcome(await refresh(issuer, first)), '400 invalid_grant')
})
