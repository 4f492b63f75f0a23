import { AxeBuilder } from '@axe-core/playwright'
import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { startPlatform } from '../harness/index.ts'

const looks = [
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
] as const

t.test('the description as a page, without scripts', { skip: noBrowser(), timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  for (const look of looks) {
    const name = `${look.colorScheme}-${look.viewport.width}`
    const context = await browser.newContext(look)
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', (message) => faults.push(message.text()))
    await page.goto(`${platform.url('gateway')}/docs`)
    const { violations } = await new AxeBuilder({ page }).analyze()
    t.same(
      violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
      [],
      name,
    )
    await page.getByText('Body application/json').first().click()
    t.ok(await page.locator('details[open] pre').getByText('"quantity"').isVisible(), name)
    const wide = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
    t.equal(wide, 0, `${name}: nothing is wider than the window`)
    t.same(faults, [], `${name}: the browser had nothing to complain of`)
    const folder = process.env['GATEHOUSE_SCREENSHOTS']
    if (folder !== undefined) await page.screenshot({ path: `${folder}/docs-${name}.png`, fullPage: true })
    await context.close()
  }
})
