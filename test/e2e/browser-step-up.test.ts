import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { startPlatform } from '../harness/index.ts'
import { openTab, signInHere } from './page.ts'

const skip = noBrowser()
const sessionCookie = '__Host-gatehouse'

t.test('a sensitive action asks for the password once more', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  const context = await browser.newContext()
  const page = await openTab(context)
  const cookie = async () => (await context.cookies()).find(({ name }) => name === sessionCookie)?.value
  await signInHere(page, platform, 'alice')
  await page.getByLabel('Item').selectOption('teapot-blue')
  await page.getByRole('button', { name: 'Place order' }).click()
  const row = page.getByRole('row', { name: /Teapot, cobalt blue/ })
  await row.waitFor()

  platform.clock.advance(6 * 60_000)
  const before = await cookie()
  await row.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Password').waitFor()
  t.equal(new URL(page.url()).origin, platform.url('idp'))
  t.equal(await page.getByLabel('User name').inputValue(), 'alice', 'who it is, is known')
  await page.getByLabel('Password').fill(platform.credentials.password('alice'))
  await page.getByRole('button', { name: 'Sign in' }).click()

  await page.getByRole('heading', { name: 'Cancel this order?' }).waitFor()
  t.equal(new URL(page.url()).pathname, '/')
  t.not(await cookie(), before, 'a new session id')
  t.equal(await row.count(), 1, 'nothing was done by the link alone')
  await page.getByRole('button', { name: 'Yes, cancel it' }).click()
  await page.getByText('The order is cancelled.').waitFor()
  t.equal(await row.count(), 0)
  const deletions = (part: 'gateway' | 'orders') =>
    platform.received(part).filter(({ method }) => method === 'DELETE').length
  t.same([deletions('gateway'), deletions('orders')], [2, 1], 'the first try did not reach the service')
})

t.test('what others link to is never confirmed by itself', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  const page = await openTab(await browser.newContext())
  await signInHere(page, platform, 'bob')
  await page.goto(`${platform.url('gateway')}/?confirm=ord_00000000000000000000000000000`)
  await page.getByText('live', { exact: true }).waitFor()
  t.equal(await page.getByRole('heading', { name: 'Cancel this order?' }).count(), 0)
  t.same(
    platform.received('gateway').filter(({ method }) => method === 'DELETE'),
    [],
  )
})
