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
  // In the page itself: a second one for the results takes longer than axe does, and only frames would need it.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(' | ')}`,
  )
  if (page.frames().length > 1) found.push('frames, which are not looked into')
  const width: unknown = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
  return typeof width === 'number' && width <= 0
    ? found
    : [...found, `${String(width)} px wider than the screen`]
}
