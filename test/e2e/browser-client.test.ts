import type { ServerResponse } from 'node:http'
import type { Page } from 'playwright-core'
import t from 'tap'
import { stringify } from 'yaml'
import { launchBrowser, noBrowser } from '../harness/browser.ts'
import { eventually } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { startHttpsHost } from '../idp/https-host.ts'
import { authorizeUrl, newPkce } from '../idp/native.ts'
import { png } from '../idp/pictures.ts'
import { faults, looks } from './axe.ts'

const skip = noBrowser()
const held: ServerResponse[] = []
const host = await startHttpsHost(t, (request, response) => {
  if (request.url === '/logo.png') response.writeHead(200, { 'content-type': 'image/png' }).end(png(64, 32))
  else if (request.url === '/slow.png') held.push(response)
  else if (request.url?.endsWith('.json') === true) document(request.url, response)
  else response.writeHead(404).end()
})
const redirect_uri = `${host.origin}/cb`
const basics = {
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  redirect_uris: [redirect_uri],
}

/** What a client says of itself: `/slow.json` has a logo that never comes. */
function document(path: string, response: ServerResponse): void {
  const links = { tos_uri: `${host.origin}/terms`, policy_uri: `${host.origin}/privacy` }
  const logo_uri = `${host.origin}${path.replace('json', 'png')}`
  const metadata = {
    client_id: `${host.origin}${path}`,
    client_name: 'Travelling agent',
    ...basics,
    ...links,
    logo_uri,
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata))
}

const clients = ['logo', 'gone'].map((name) => ({
  client_id: name,
  client_name: 'Window seat',
  ...basics,
  scope: 'openid profile',
  logo_uri: `${host.origin}/${name}.png`,
  client_uri: 'https://window.example/',
}))
const idp = { clients, fetch: host.fetch, metadataDocuments: { hosts: 'any' } }
const config = stringify({ idp })

/** How wide the logo on the page is by itself; 0 while, or if, there is none. */
async function logoWidth(page: Page): Promise<unknown> {
  const image = "document.querySelector('img.logo')"
  return page.evaluate(`${image}.decode().catch(() => undefined).then(() => ${image}.naturalWidth)`)
}

t.test(
  'logo and links in a browser: seen, reached by keyboard, accessible',
  { skip, timeout: 240_000 },
  async (t) => {
    const platform = await startPlatform({ only: ['idp'], t, config })
    const { issuer } = platform.config
    const open = (page: Page, client_id: string) =>
      page.goto(authorizeUrl(issuer, newPkce(), { client_id, redirect_uri, scope: 'openid profile' }).href)
    const browser = await launchBrowser(t)
    for (const look of looks) {
      const context = await browser.newContext({ ...look, reducedMotion: 'reduce' })
      const page = await context.newPage()
      page.setDefaultTimeout(20_000)
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).origin))
      const check = async (what: string) =>
        t.same(await faults(page), [], `${what}, ${look.viewport.width} px`)
      await open(page, 'gone')
      t.equal(await logoWidth(page), 48, 'initials where there is no logo')
      await check('initials')
      await open(page, `${host.origin}/logo.json`)
      await page.getByText('This application is unknown here').waitFor()
      t.equal(await logoWidth(page), 64)
      await check('sign in for an unknown client')
      await page.getByLabel('User name').fill('alice')
      await page.getByLabel('Password').fill(platform.credentials.password('alice'))
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByText('This application is unknown here').waitFor()
      t.equal(await logoWidth(page), 64)
      await check('consent for an unknown client')
      t.same(await tabStops(page), [
        'your account',
        'Allow',
        'Do not allow',
        'Privacy policy',
        'Terms of use',
      ])
      await open(page, 'logo')
      await page.getByRole('heading', { name: 'Allow Window seat to act for you?' }).waitFor()
      t.equal(await page.getByRole('alert').count(), 0)
      const still = "getComputedStyle(document.querySelector('button')).transitionDuration"
      t.equal(await page.evaluate(still), '0s', 'nothing moves for who does not want it')
      await check('consent')
      t.same([...new Set(asked)], [issuer], 'the browser asked nobody else')
      await context.close()
    }
  },
)

t.test('a logo that does not come holds nobody up', { skip, timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config })
  const browser = await launchBrowser(t)
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
  page.setDefaultTimeout(20_000)
  const client_id = `${host.origin}/slow.json`
  const changes = { client_id, redirect_uri, scope: 'openid' }
  await page.goto(authorizeUrl(platform.config.issuer, newPkce(), changes).href, { waitUntil: 'commit' })
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill(platform.credentials.password('alice'))
  await eventually(() => held.length > 0)
  await page.getByRole('button', { name: 'Sign in' }).click({ noWaitAfter: true })
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
  t.notOk(held[0]?.writableEnded, 'it has not come yet')
})

/** The names of everything that the Tab key stops at. */
async function tabStops(page: Page): Promise<readonly string[]> {
  const stops: string[] = []
  for (let count = 0; count < 12; count++) {
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    if ((await focused.count()) === 0) break
    const name = (await focused.innerText()).trim()
    if (stops.includes(name)) break
    stops.push(name)
  }
  return stops
}
