import t from 'tap'
import { Passwords } from '../../idp/accounts/passwords.ts'
import { SignIn } from '../../idp/accounts/sign-in.ts'
import { MemoryLimiter } from '../../idp/accounts/throttle.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { Gate } from './gate.ts'

const given = 'what the administrator gave'

t.test('a password counts no longer once it was changed, however long its check takes', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  const admin = await Admin.of(platform)
  const password = platform.credentials.password('alice')

  const whileItWaits = async (change: () => Promise<unknown>): Promise<string> => {
    const gate = new Gate()
    const limiter = () => new MemoryLimiter({ limit: { count: 10, windowMs: 1000 }, clock: platform.clock })
    const parts = { accounts: deps.accounts, passwords: new Passwords(gate) }
    const signIn = await SignIn.create({ ...parts, byAccount: limiter(), byAddress: limiter() })
    gate.shut()
    const attempt = signIn.attempt({ username: 'alice', password, address: '127.0.0.1' })
    await gate.asked
    await change()
    gate.open()
    return (await attempt).outcome
  }

  t.equal(await whileItWaits(async () => undefined), 'signed_in')
  const disable = () => admin.send('POST', '/accounts/acc-alice/disable')
  t.equal(await whileItWaits(disable), 'refused', 'shut out')
  await admin.send('POST', '/accounts/acc-alice/enable')
  const set = () => admin.send('POST', '/accounts/acc-alice/password', { password: given })
  t.equal(await whileItWaits(set), 'refused', 'changed')
})
