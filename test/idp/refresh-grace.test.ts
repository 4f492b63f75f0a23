import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { newTokens, outcome, refresh } from './native.ts'
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
    await withStore(platform, async ({ db }) => {
      const rows = await db
        .selectFrom('audit')
        .select('details')
        .where('action', '=', 'grant.revoked')
        .execute()
      t.ok(rows.some(({ details }) => String(details).includes('"reason":"reuse"')))
    })
  })

  await t.test('not once the successor was used: its owner has it, so this is somebody else', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const first = await successorOf(await refresh(issuer, refreshToken))
    const second = await successorOf(await refresh(issuer, first))
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    t.equal(await outcome(await refresh(issuer, second)), '400 invalid_grant', 'the family is dead')
  })

  await t.test('20 at once: one is served, nobody gets a second chance, the family lives', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const answers = await Promise.all(twenty.map(() => refresh(issuer, refreshToken)))
    t.equal(answers.filter(({ status }) => status === 200).length, 1)
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    const served = answers.find(({ status }) => status === 200)
    if (served === undefined) throw new Error('nobody was served')
    t.equal(await outcome(await refresh(issuer, await successorOf(served))), '200')
  })
})

t.test('without a grace every second use is reuse', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { refreshGrace: 0s }' })
  const { issuer } = platform.config
  const { refreshToken } = await newTokens(platform)
  const first = textField(await (await refresh(issuer, refreshToken)).json(), 'refresh_token')
  t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
  t.equal(await outcome(await refresh(issuer, first)), '400 invalid_grant')
})
