import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { startPlatform } from '../harness/index.ts'

const skip = noBrowser()

t.test(
  'signing in and out, ordering and cancelling work without JavaScript',
  { skip, timeout: 240_000 },
  async (t) => {
    const platform = await startPlatform({ t })
    const browser = await launchBrowser(t)
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const home = platform.url('gateway')

    await page.goto(home)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('User name').fill('bob')
    await page.getByLabel('Password').fill('not his password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    t.equal(await page.getByLabel('User name').inputValue(), 'bob', 'what was right need not be typed again')
    t.equal(await page.getByLabel('Password').inputValue(), '')

    await page.getByLabel('Password').fill(platform.credentials.password('bob'))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    await page.getByText('Signed in as bob').waitFor()
    t.equal(page.url(), `${home}/`)

    await page.getByLabel('Item').selectOption('teapot-blue')
    await page.getByLabel('Quantity').fill('3')
    await page.getByRole('button', { name: 'Place order' }).click()
    const row = page.getByRole('row', { name: /Teapot, cobalt blue\s+3/ })
    await row.waitFor()
    await page.getByLabel('Quantity').fill('1000')
    await page.getByRole('button', { name: 'Place order' }).click()
    await page.getByRole('heading', { name: 'not enough in stock' }).waitFor()
    await page.getByRole('link', { name: 'Try again' }).click()

    platform.clock.advance(6 * 60_000)
    await row.getByRole('button', { name: 'Cancel' }).click()
    await page.getByLabel('Password').waitFor()
    t.equal(new URL(page.url()).origin, platform.url('idp'), 'a sensitive action asks for the password again')
    await page.getByLabel('Password').fill(platform.credentials.password('bob'))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Cancel this order?' }).waitFor()
    t.equal(await row.count(), 1, 'nothing happens by itself')
    await page.getByRole('button', { name: 'Yes, cancel it' }).click()
    await page.getByText('Nothing here yet').waitFor()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
  },
)

t.test('saying no leads back, and says what happened', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(platform.url('gateway'))
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('link', { name: 'Try again' }).waitFor()
  t.equal(new URL(page.url()).origin, platform.url('gateway'))
  t.equal((await page.context().cookies()).filter(({ name }) => name === '__Host-gatehouse').length, 0)
})
