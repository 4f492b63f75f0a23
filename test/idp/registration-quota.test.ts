import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { registerSelf } from './self-registration.ts'

const metadata = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }

t.test('what one address writes is counted, be it new or changed', async (t) => {
  const config = 'idp: { registration: { who: anyone, quota: 3/h } }'
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { issuer } = platform.config
  const client = await registerSelf(issuer, metadata)
  const changed: unknown[] = []
  for (const name of ['one', 'two', 'three'])
    changed.push((await client.change({ ...metadata, client_name: name })).status)
  t.same(changed, [200, 200, 429])
  t.match(await client.read(), { status: 200, body: { client_name: 'two' } }, 'it may always look')
})
