import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { startPlatform } from '../harness/index.ts'
import { openTab, passSignIn, statusOf } from './page.ts'

const skip = noBrowser()

t.test('two tabs sign in at once, each comes back to where it was', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  const context = await browser.newContext()
  const home = platform.url('gateway')
  const first = await openTab(context)
  const second = await openTab(context)

  await first.goto(`${home}/auth/login?return_to=${encodeURIComponent('/?tab=1')}`)
  await second.goto(`${home}/auth/login?return_to=${encodeURIComponent('/?tab=2')}`)
  await second.getByLabel('User name').waitFor()
  await passSignIn(first, platform, 'alice')
  t.equal(first.url(), `${home}/?tab=1`)
  await passSignIn(second, platform, 'alice')
  t.equal(second.url(), `${home}/?tab=2`, 'the second attempt was not disturbed by the first')
  t.equal(await statusOf(first, '/api/orders'), 200, 'both tabs have the one session')

  const cookies = await context.cookies(home)
  t.same(
    cookies.map(({ name }) => name).filter((name) => name.startsWith('__Host-gatehouse')),
    ['__Host-gatehouse'],
    'nothing of the attempts is left',
  )

  await first.reload()
  await first.getByText('live', { exact: true }).waitFor()
  await second.getByText('live', { exact: true }).waitFor()
  await second.getByRole('button', { name: 'Sign out' }).click()
  await second.getByRole('link', { name: 'Sign in' }).waitFor()
  await first.getByRole('heading', { name: 'You are signed out' }).waitFor()
  t.equal(await statusOf(first, '/api/orders'), 401, 'signed out in one tab is signed out in all')

  await t.test('a deep link is kept', async (t) => {
    const third = await openTab(context)
    await third.goto(`${home}/api/orders?limit=5`)
    await third.getByLabel('User name').fill('alice')
    await third.getByLabel('Password').fill(platform.credentials.password('alice'))
    await third.getByRole('button', { name: 'Sign in' }).click()
    await third.waitForURL(`${home}/api/orders?limit=5`)
    t.match(await third.content(), 'items')
  })
})
