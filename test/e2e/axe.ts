import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** Light and dark, on a phone and on a desk. */
export const looks = [
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
] as const

/** What axe finds, and whether the page is wider than the screen. */
export async function faults(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(' | ')}`,
  )
  const width: unknown = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
  return typeof width === 'number' && width <= 0
    ? found
    : [...found, `${String(width)} px wider than the screen`]
}
