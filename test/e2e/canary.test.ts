import t from 'tap'
import { SeenSecrets } from '../harness/seen-secrets.ts'
import { looksLikeAToken } from '../harness/looks-like-a-token.ts'
import { eventually, jwtParts, startPlatform } from '../harness/index.ts'

t.test('no password, code, token or cookie is in any log, metric or error', async (t) => {
  const platform = await startPlatform({ t })
  const secrets = new SeenSecrets()
  t.teardown(() => secrets.stop())

  const token = await platform.token()
  const userToken = await platform.userToken('bob', { scope: 'openid offline_access orders:read' })
  const alice = await platform.signIn('alice')
  await alice.fetch('/api/orders')
  await alice.fetch('/api/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"sku":"oak-stool","quantity":1}',
  })
  await platform.fetch('/api/orders', { token: userToken })
  // What goes wrong is logged more fully, so that is where to look.
  await platform.fetch('/api/inventory', { token: `${token.slice(0, -4)}AAAA` })
  await platform.fetch('/api/inventory', { headers: { cookie: `__Host-gatehouse=canary-cookie-value` } })
  await platform.fetch('/auth/callback?code=canary-code-value&state=canary-state-value')
  await platform.requestToken({ scope: 'no:such' })
  const errors = await (await platform.fetch('/api/orders', { token: 'canary-token-value' })).text()
  await eventually(() => platform.logs('gateway').some((line) => line.includes('/auth/callback')))
  const metrics = await Promise.all(
    [platform.url('gateway', 'admin'), platform.url('idp', 'admin')].map(async (admin) =>
      (await fetch(`${admin}/metrics`)).text(),
    ),
  )

  const kept = [
    ...['alice', 'bob'].map(
      (name) => [`the password of ${name}`, platform.credentials.password(name)] as const,
    ),
    ['a client secret', platform.credentials.clientSecret('demo-machine') ?? ''] as const,
    ['a made-up cookie', 'canary-cookie-value'] as const,
    ['a made-up code', 'canary-code-value'] as const,
    ['a made-up token', 'canary-token-value'] as const,
    ...alice.cookies
      .list(new URL(platform.url('gateway')))
      .map(({ name, value }) => [`cookie ${name}`, value] as const),
    ...[token, userToken].map((each) => [`token ${String(jwtParts(each).payload['sub'])}`, each] as const),
    ...secrets.list(),
  ]
  t.ok(kept.length > 15, `${kept.length} secrets were followed`)
  const places = { logs: platform.logs().join(''), metrics: metrics.join(''), errors }
  t.ok(places.logs.length > 2000, 'there are logs')
  for (const [place, text] of Object.entries(places)) {
    t.same(
      kept.filter(([, value]) => value.length >= 8 && text.includes(value)).map(([what]) => what),
      [],
      `in ${place}`,
    )
  }
  t.notMatch(places.logs, looksLikeAToken, 'nothing in the logs looks like a token')
})
