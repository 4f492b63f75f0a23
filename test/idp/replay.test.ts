import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { newCode, newTokens, outcome, refresh, tokenRequest } from './native.ts'
import { WebClient } from './web.ts'

const twenty = Array.from({ length: 20 })

t.test('a code counts once', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const web = new WebClient(platform)

  await t.test('used again, it takes back what it gave', async (t) => {
    const { params } = await newCode(platform)
    const first: unknown = await (await tokenRequest(issuer, params)).json()
    t.equal(await outcome(await tokenRequest(issuer, params)), '400 invalid_grant')
    t.equal(await outcome(await refresh(issuer, textField(first, 'refresh_token'))), '400 invalid_grant')
  })

  await t.test('20 at once: exactly one', async (t) => {
    const { params } = await newCode(platform)
    const all = await Promise.all(twenty.map(async () => outcome(await tokenRequest(issuer, params))))
    t.equal(all.filter((one) => one === '200').length, 1)
    t.equal(all.filter((one) => one === '400 invalid_grant').length, 19)
  })

  await t.test('of another client: refused, and not spent by it', async (t) => {
    const { params } = await newCode(platform)
    const { client_id: _, ...rest } = params
    t.equal(await outcome(await web.post('/oauth/token', rest)), '400 invalid_grant')
    t.equal(await outcome(await tokenRequest(issuer, params)), '200')
  })

  await t.test('too old', async (t) => {
    const { params } = await newCode(platform)
    platform.clock.advance(platform.config.idp.ttl.codeMs + 1000)
    t.equal(await outcome(await tokenRequest(issuer, params)), '400 invalid_grant')
  })
})

t.test('a refresh token counts once', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const web = new WebClient(platform)

  await t.test('rotates; used again, it ends the family', async (t) => {
    const { refreshToken } = await newTokens(platform)
    const second = textField(await (await refresh(issuer, refreshToken)).json(), 'refresh_token')
    t.not(second, refreshToken)
    const third = textField(await (await refresh(issuer, second)).json(), 'refresh_token')
    platform.clock.advance(60_000)
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    t.equal(await outcome(await refresh(issuer, third)), '400 invalid_grant', 'the newest is dead too')
  })

  await t.test('more than was granted is refused, less is given', async (t) => {
    const { refreshToken } = await newTokens(platform)
    t.equal(
      await outcome(await refresh(issuer, refreshToken, { scope: 'openid orders:read orders:write' })),
      '400 invalid_scope',
    )
    t.equal(
      await outcome(await refresh(issuer, refreshToken, { resource: 'urn:another:api' })),
      '400 invalid_target',
    )
    const less: unknown = await (await refresh(issuer, refreshToken, { scope: 'orders:read' })).json()
    t.equal(textField(less, 'scope'), 'orders:read')
  })

  await t.test('of another client: refused', async (t) => {
    const { refreshToken } = await newTokens(platform)
    t.equal(await outcome(await web.refresh(refreshToken)), '400 invalid_grant')
    t.equal(await outcome(await refresh(issuer, refreshToken)), '200')
  })
})
