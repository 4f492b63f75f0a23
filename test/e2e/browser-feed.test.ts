import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { openTab, signInHere } from './page.ts'

const skip = noBrowser()

t.test(
  'a list that is older than the feed does not hide what that told',
  { skip, timeout: 240_000 },
  async (t) => {
    const platform = await startPlatform({ t })
    const browser = await launchBrowser(t)
    const context = await browser.newContext()
    const other = await openTab(context)
    await signInHere(other, platform, 'alice')

    // The answer to the first question for the list comes late.
    const page = await openTab(context)
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const lists: string[] = []
    await page.route('**/api/orders', async (route) => {
      const response = await route.fetch()
      lists.push(await response.text())
      if (lists.length === 1) await released
      await route.fulfill({ response })
    })
    const late = page.waitForResponse('**/api/orders')
    await page.goto(platform.url('gateway'))
    await page.getByText('live', { exact: true }).waitFor()
    await until(() => lists.length === 1)

    await other.getByRole('button', { name: 'Order' }).click()
    const row = page.locator('[data-order]')
    await row.waitFor()
    const next = late.then(() => page.waitForResponse('**/api/orders'))
    release()
    await (await next).finished()
    t.match(
      lists.map((list) => JSON.parse(list)),
      [{ items: [] }, { items: [{ quantity: 1 }] }],
    )
    await row.waitFor()
    t.equal(await row.count(), 1)
  },
)
