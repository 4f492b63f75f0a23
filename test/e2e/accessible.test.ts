import t from 'tap'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { startPlatform } from '../harness/index.ts'
import { faults, looks } from './axe.ts'

const skip = noBrowser()

t.test('every page, light and dark, on a phone and on a desk', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const browser = await launchBrowser(t)
  for (const look of looks) {
    const name = `${look.colorScheme}, ${look.viewport.width} px`
    const context = await browser.newContext(look)
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const check = async (what: string) => t.same(await faults(page), [], `${what} (${name})`)

    await page.goto(platform.url('gateway'))
    await check('welcome')
    await page.getByRole('link', { name: 'Sign in' }).click()
    await check('sign in')
    await page.getByLabel('User name').fill('carol')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await check('sign in, refused')
    await page.getByLabel('Password').fill(platform.credentials.password('carol'))
    await page.getByRole('button', { name: 'Sign in' }).click()
    const allow = page.getByRole('button', { name: 'Allow', exact: true })
    const signedIn = page.getByRole('heading', { name: 'Place an order' })
    await allow.or(signedIn).first().waitFor()
    if (await allow.isVisible()) {
      await check('consent')
      await allow.click()
    }
    await signedIn.waitFor()
    await check('signed in')
    await page.goto(`${platform.url('idp')}/account`)
    await check('account')
    await page.goto(`${platform.url('idp')}/oauth/authorize?client_id=nobody`)
    await check('error at the IdP')
    await page.goto(`${platform.url('gateway')}/auth/callback?state=unknown`)
    await check('failed sign-in')
    await page.goto(`${platform.url('idp')}/oauth/logout`)
    await page.getByRole('heading', { name: 'Sign out?' }).waitFor()
    await check('sign out')
    await context.close()
  }
})
