import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { listen } from '@gatehouse/kit/http/server'
import { buildApp } from '../../idp/app.ts'
import { bootstrap } from '../../idp/bootstrap/bootstrap.ts'
import { buildDeps } from '../../idp/deps.ts'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { contextOf } from './context.ts'

t.test('the key ring turns without a request lost or a token refused', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  await platform.stopPart('idp')
  const ctx = contextOf(platform)
  const deps = await buildDeps(ctx)
  t.teardown(() => deps.close())
  await bootstrap(ctx, deps)
  const app = await buildApp(deps, platform.config.idp)
  t.teardown(() => app.close())
  await listen(app, ctx.config.idp.listen)
  const { issuer, resource } = platform.config
  const secret = platform.credentials.clientSecret('demo-machine') ?? ''
  const ask = async (): Promise<string> => {
    const response = await fetch(new URL('/oauth/token', issuer), {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    return textField(await response.json(), 'access_token')
  }
  const before = await ask()
  const next = deps.ring.keys().find(({ state }) => state === 'published')?.kid
  const during = Array.from({ length: 20 }, () => ask())
  await deps.ring.rotate()
  const tokens = [before, ...(await Promise.all(during)), await ask()]
  t.equal(jwtParts(tokens.at(-1) ?? '').header['kid'], next, 'the key that was published signs')
  t.not(jwtParts(before).header['kid'], next)
  const keys = createRemoteJWKSet(new URL('/oauth/jwks', issuer))
  for (const token of tokens) {
    t.match(await jwtVerify(token, keys, { issuer, audience: resource }), { payload: { iss: issuer } })
  }
})
