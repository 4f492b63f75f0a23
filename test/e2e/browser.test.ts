import type { Page } from 'playwright-core'
import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { startPlatform } from '../harness/index.ts'
import { SeenByBrowser } from '../harness/seen-by-browser.ts'
import { looksLikeAToken } from '../harness/looks-like-a-token.ts'

const slow = { skip: noBrowser(), timeout: 240_000 }

t.test('a person signs in, places an order, sees it, and signs out', slow, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  const context = await browser.newContext()
  const seen = new SeenByBrowser(context)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const problems = watchForProblems(page)
  const home = platform.url('gateway')

  await page.goto(home)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name').waitFor()
  t.equal(new URL(page.url()).origin, platform.url('idp'), 'the password is asked by the IdP')
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill(platform.credentials.password('alice'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await page.getByText('Signed in as alice').waitFor()
  t.equal(page.url(), `${home}/`)

  await page.getByLabel('Item').selectOption('teapot-blue')
  await page.getByLabel('Quantity').fill('2')
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.getByText('Ordered: 2 × Teapot, cobalt blue.').waitFor()
  t.equal(await page.getByRole('row', { name: /Teapot, cobalt blue\s+2/ }).count(), 1, 'it is in the list')
  await page.reload()
  await page.getByRole('row', { name: /Teapot, cobalt blue\s+2/ }).waitFor()

  await t.test('the browser holds one cookie of the gateway, and no token', async (t) => {
    const cookies = await context.cookies(home)
    const ours = cookies.filter(({ name }) => name.startsWith('__Host-gatehouse'))
    t.match(ours, [
      { name: '__Host-gatehouse', httpOnly: true, secure: true, path: '/', sameSite: /Lax|Strict/ },
    ])
    t.equal(ours.length, 1, 'what sign-in needed is gone')
    t.ok(cookies.every(({ name }) => name.startsWith('__Host-')))
    t.ok(cookies.every(({ value }) => !looksLikeAToken.test(value)))
    t.same(await storage(page), { local: {}, session: {}, script: '' })
  })

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  t.equal(page.url(), `${home}/`)
  t.equal(await statusOf(page, '/api/orders'), 401, 'the same API refuses now')
  t.same(
    (await context.cookies(home)).filter(({ name }) => name === '__Host-gatehouse'),
    [],
  )

  t.same(await seen.tokens(), [], 'no token in any URL, header or body')
  t.ok(seen.count > 50, `${seen.count} pieces were looked at`)
  t.same(problems, [], 'no error in the console, nothing that the content security policy had to stop')
})

function statusOf(page: Page, path: string): Promise<number> {
  return page.evaluate(async (url) => (await fetch(url)).status, path)
}

function storage(page: Page): Promise<unknown> {
  // In the page, where `document` and the storages are; this project has no DOM types.
  return page.evaluate(
    `({ local: { ...localStorage }, session: { ...sessionStorage }, script: document.cookie })`,
  )
}

function watchForProblems(page: Page): readonly string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    // The one that is asked for: 401 after signing out.
    if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text())
  })
  return problems
}
