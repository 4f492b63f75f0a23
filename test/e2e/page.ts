import type { BrowserContext, Page } from 'playwright-core'
import type { Platform } from '../harness/index.ts'

/** A tab of the web app. */
export async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return page
}

/** Fills in the IdP's page, and agrees to what is asked the first time. Ends on the web app. */
export async function passSignIn(page: Page, platform: Platform, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(platform.credentials.password(username))
  await page.getByRole('button', { name: 'Sign in' }).click()
  const allow = page.getByRole('button', { name: 'Allow', exact: true })
  const signedIn = page.getByText(`Signed in as ${username}`)
  await allow.or(signedIn).first().waitFor()
  if (await allow.isVisible()) await allow.click()
  await signedIn.waitFor()
}

export async function signInHere(page: Page, platform: Platform, username: string): Promise<void> {
  await page.goto(platform.url('gateway'))
  await page.getByRole('link', { name: 'Sign in' }).click()
  await passSignIn(page, platform, username)
}

/** Status of an API call that the page makes. */
export function statusOf(page: Page, path: string): Promise<number> {
  return page.evaluate(async (url) => (await fetch(url)).status, path)
}
