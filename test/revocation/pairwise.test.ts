import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from '../idp/admin.ts'
import { withClientsConfig } from '../idp/keyed-client.ts'
import { pairwiseClient, pairwiseToken } from '../idp/pairwise-client.ts'

t.test('a token that names a person by another name than ours ends with the rest', async (t) => {
  const platform = await startPlatform({ t, config: withClientsConfig([pairwiseClient]) })
  const admin = await Admin.of(platform)

  const statusOf = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${platform.url('gateway')}/api/orders`, { headers })).status
  }
  const isRefused = (token: string): Promise<boolean> =>
    eventually(async () => (await statusOf(token)) === 401)

  const made = await admin.send('POST', '/accounts', { username: 'dora', roles: ['customer'] })
  const path = `/accounts/${textField(made.body, 'id')}`
  let password = textField(made.body, 'password')
  for (const [what, change] of [
    ['roles that were taken away', () => admin.send('PUT', `${path}/roles`, { roles: [] })],
    ['another password', () => admin.send('POST', `${path}/password`, {})],
    ['shut out', () => admin.send('POST', `${path}/disable`)],
    ['removed', () => admin.send('DELETE', path)],
  ] as const) {
    const token = await pairwiseToken(platform, { username: 'dora', password })
    t.match(jwtParts(token).payload['sub'], /^pw_/)
    t.equal(await statusOf(token), 200, what)
    const { status, body } = await change()
    t.ok(status < 300, what)
    t.ok(await isRefused(token), `${what}: refused at the gateway`)
    if (what === 'another password') password = textField(body, 'password')
    if (what === 'shut out') await admin.send('POST', `${path}/enable`)
    // Within the second of the change a new token could be one from before it.
    platform.clock.advance(2_000)
  }
})
