import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { startPlatform } from '../harness/index.ts'
import { openTab, signInHere, statusOf } from './page.ts'

const skip = noBrowser()

t.test('a feed is live, and dies with its session', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  const desk = await openTab(await browser.newContext())
  const phone = await openTab(await browser.newContext({ viewport: { width: 390, height: 844 } }))
  await signInHere(desk, platform, 'alice')
  await signInHere(phone, platform, 'alice')
  for (const page of [desk, phone]) await page.getByText('live', { exact: true }).waitFor()

  await desk.getByLabel('Item').selectOption('linen-tote')
  await desk.getByLabel('Quantity').fill('3')
  await desk.getByRole('button', { name: 'Place order' }).click()
  await phone.getByText(/ordered: 3 ×/).waitFor()
  t.equal(await phone.locator('[data-order]').count(), 1, 'what was ordered there appears here')
  await desk.getByText(/^Ordered: 3 ×/).waitFor()
  t.equal(await desk.locator('[data-order]').count(), 1, 'and once only where it was ordered')

  await desk.reload()
  await desk.getByRole('button', { name: /^End/ }).click()
  await desk.getByText('That session is over.').waitFor()
  await phone.getByRole('heading', { name: 'You are signed out' }).waitFor()
  t.equal(await phone.locator('#feed').textContent(), 'closed')
  t.equal(await statusOf(phone, '/api/orders'), 401)
  t.equal(await statusOf(desk, '/api/orders'), 200, 'who ended it goes on')
  await phone.getByRole('link', { name: 'Sign in again' }).click()
  await phone.getByLabel('Password').waitFor()
  t.equal(new URL(phone.url()).origin, platform.url('idp'), 'its login at the identity server is over too')
})

t.test(
  'signed out in one browser, the other of the same login is too',
  { skip, timeout: 240_000 },
  async (t) => {
    const platform = await startPlatform({ t })
    const browser = await launchBrowser(t)
    const one = await browser.newContext()
    const here = await openTab(one)
    await signInHere(here, platform, 'alice')
    // Another browser with the same login at the identity server: its cookies, but none of the gateway's.
    const other = await browser.newContext()
    const ofIdp = (await one.cookies()).filter(({ name }) => !name.startsWith('__Host-gatehouse'))
    await other.addCookies(ofIdp)
    const there = await openTab(other)
    await there.goto(`${platform.url('gateway')}/auth/login?return_to=/`)
    await there.getByText('Signed in as alice').waitFor()
    await there.getByText('live', { exact: true }).waitFor()

    await here.getByRole('button', { name: 'Sign out' }).click()
    await here.getByRole('link', { name: 'Sign in' }).waitFor()
    t.equal(here.url(), `${platform.url('gateway')}/`, 'one click')
    await there.getByRole('heading', { name: 'You are signed out' }).waitFor()
    t.equal(await statusOf(there, '/auth/session'), 401)

    await here.goto(`${platform.url('gateway')}/auth/login?return_to=/`)
    await here.getByLabel('Password').waitFor()
    t.equal(new URL(here.url()).origin, platform.url('idp'), 'nobody is signed in silently')
  },
)

t.test('signed out at the identity server, signed out here', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  const context = await browser.newContext()
  const page = await openTab(context)
  await signInHere(page, platform, 'bob')
  await page.getByText('live', { exact: true }).waitFor()
  const idp = await openTab(context)
  await idp.goto(`${platform.url('idp')}/oauth/logout`)
  await idp.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  t.equal(await statusOf(page, '/api/orders'), 401)
})
