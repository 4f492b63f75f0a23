import t from 'tap'
import { startPlatform } from './index.ts'

t.test('a part that was restarted serves at once', async (t) => {
  const platform = await startPlatform({ t })
  const token = await platform.token()
  for (const part of ['gateway', 'idp', 'orders'] as const) {
    await platform.restart(part)
    t.equal((await platform.fetch('/api/orders', { token })).status, 200, part)
  }
})
