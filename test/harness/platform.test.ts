import t from 'tap'
import { eventually, startPlatform } from './index.ts'

t.test('a part that was restarted serves at once', async (t) => {
  const platform = await startPlatform({ t })
  const token = await platform.token()
  for (const part of ['gateway', 'idp', 'orders'] as const) {
    await platform.restart(part)
    t.equal((await platform.fetch('/api/orders', { token })).status, 200, part)
  }
})

t.test('one that cannot be handed over leaves nothing running', async (t) => {
  const over = {
    teardown() {
      throw new Error('the test is over')
    },
  }
  const listening = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length
  await t.rejects(startPlatform({ t: over, only: ['users'] }), { message: 'the test is over' })
  t.ok(await eventually(() => listening() === 0))
})
