import t from 'tap'
import { eventually, startPlatform } from '../harness/index.ts'
import { Person, type Seen } from '../idp/person.ts'

const config = 'routes: [{ id: orders.list, limits: { timeout: 5m, idle: 5m } }]'

t.test('the page asks the API as its person, through the whole pipeline', async (t) => {
  const platform = await startPlatform({ t, config })
  const home = `${platform.url('gateway')}/`
  const person = new Person()
  await platform.signIn('alice', { cookies: person.jar })
  /** Sends a form of the page as it is, with what a person chose. */
  const send = (page: Seen, action: string, chosen: Record<string, string> = {}) => {
    const form = page.forms.find((one) => one.action.pathname === action)
    const hidden = form?.fields.filter(({ type }) => type === 'hidden') ?? []
    const body = new URLSearchParams(chosen)
    for (const { name, value } of hidden) if (!body.has(name)) body.set(name, value)
    return person.open(home.slice(0, -1) + action, { method: 'POST', body })
  }
  const empty = await person.open(home)
  t.equal(empty.status, 200, 'also with a route that waits long')
  t.match(empty.html, 'Nothing here yet')
  t.match(empty.html, 'Teapot, cobalt blue (')
  t.match(empty.html, /Route <code>orders\.cancel<\/code> wants orders:write, signed in within 5 min/)
  t.match(empty.html, /your session lacks inventory:write/)

  await t.test('a form that is sent twice orders once', async (t) => {
    const order = { sku: 'teapot-blue', quantity: '2' }
    for (const page of [empty, empty]) t.equal((await send(page, '/auth/shop/orders', order)).status, 303)
    const { html } = await person.open(home)
    t.equal(html.match(/data-order="ord_/g)?.length, 1)
    const [call] = platform.received('orders').filter(({ method }) => method === 'POST')
    t.ok(call, 'the service was asked')
  })

  await t.test('what the API refuses is a page, with what to do', async (t) => {
    const many = await send(empty, '/auth/shop/orders', {
      sku: 'teapot-blue',
      quantity: '1000',
      key: 'another',
    })
    t.equal(many.status, 409)
    t.match(many.html, 'not enough in stock')
    const bad = await send(empty, '/auth/shop/orders', { sku: '../../x', quantity: 'many', key: 'third' })
    t.equal(bad.status, 422)
    platform.clock.advance(6 * 60_000)
    const old = await send(await person.open(home), '/auth/shop/orders/cancel')
    t.equal(old.status, 303)
    t.match(old.headers.get('location'), /^\/auth\/login\?max_age=300&return_to=%2F%3Fconfirm%3Dord_\w+$/)
  })

  await t.test('a service that is away takes nothing else along', async (t) => {
    await platform.stopPart('orders')
    const { status, html } = await person.open(home)
    t.equal(status, 200)
    t.match(html, 'Your orders cannot be shown just now')
    t.match(html, 'Who you are here')
    t.ok(await eventually(() => platform.logs('gateway').some((line) => line.includes('orders.list'))))
  })
})
