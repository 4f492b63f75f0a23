import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** For the `skip` of a browser test: the reason where there is no Chromium, except in CI, where that is a failure. */
export function noBrowser(): string | false {
  if (existsSync(path) || process.env['CI'] !== undefined) return false
  return `the browser suite is skipped: no Chromium at ${path} (install it, or set CHROMIUM_PATH)`
}

/** A real Chromium, closed when the test ends. */
export async function launchBrowser(t: { teardown(run: () => Promise<void>): unknown }): Promise<Browser> {
  if (!existsSync(path)) throw new Error(`no Chromium at ${path}, and CI runs no suite without one`)
  const browser = await chromium.launch({ executablePath: path, args, timeout: 120_000 })
  t.teardown(() => browser.close())
  return browser
}
