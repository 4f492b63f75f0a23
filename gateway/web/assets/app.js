// Makes the page live. Without it the forms do the same by themselves. No token is ever seen here.
import { ApiError, listen, request, signIn } from './gatehouse.js'

const find = (selector) => document.querySelector(selector)

const say = (text, kind = '') => {
  const status = find('#status')
  status.textContent = text
  status.className = `status ${kind}`
}

/** What went wrong, for people. A session that has ended is not an error to show, but a door to offer. */
function explain(error) {
  if (error instanceof ApiError) {
    if (error.code === 'no_session') ended()
    const faults = error.faults.map(({ path, message }) => `${path.replace(/^\//, '')} ${message}`)
    return sentence(faults.join(', ') || error.message)
  }
  return 'The server could not be reached. Check the connection and try again.'
}

function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

function showTimes(root = document) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  for (const time of root.querySelectorAll('time[datetime]')) {
    if (time.dateTime !== '') time.textContent = format.format(new Date(time.dateTime))
  }
}

const nameOf = (sku) => find(`option[value="${CSS.escape(sku)}"]`)?.dataset.name ?? sku

function orderRow(order) {
  const row = find('#order-row').content.firstElementChild.cloneNode(true)
  row.dataset.order = order.id
  const shown = { name: nameOf(order.sku), quantity: order.quantity }
  for (const [field, value] of Object.entries(shown)) {
    for (const place of row.querySelectorAll(`[data-field="${field}"]`)) place.textContent = value
  }
  row.querySelector('time').dateTime = order.created_at
  row.querySelector('[name="id"]').value = order.id
  showTimes(row)
  return row
}

const rowOf = (id) => find(`[data-order="${CSS.escape(id)}"]`)

/** How often an order came or went. */
let changes = 0

/** Shows an order once, whoever tells of it first: the answer to the form or the feed. */
function showOrder(order) {
  changes++
  if (rowOf(order.id) === null) find('#orders-table tbody').prepend(orderRow(order))
  showCount()
}

function dropOrder(id) {
  changes++
  rowOf(id)?.remove()
  showCount()
}

function showCount() {
  const isEmpty = find('#orders-table tbody').childElementCount === 0
  find('#orders-table').hidden = isEmpty
  find('#orders-empty').hidden = !isEmpty
}

/** Asks once more, a few times, for a list that an order may have come or gone after. */
async function refreshOrders() {
  let items
  for (let asked = 0, before; asked < 5 && before !== changes; asked++) {
    before = changes
    ;({ items } = await request('/api/orders'))
  }
  find('#orders-table tbody').replaceChildren(...items.map(orderRow))
  showCount()
}

async function refreshInventory() {
  const { items } = await request('/api/inventory')
  for (const { sku, name, quantity } of items) {
    const option = find(`option[value="${CSS.escape(sku)}"]`)
    if (option === null) continue
    option.textContent = `${name ?? sku} (${quantity > 0 ? `${quantity} in stock` : 'sold out'})`
    option.disabled = quantity <= 0
  }
}

function happened(text) {
  const list = find('#events')
  const item = document.createElement('li')
  item.textContent = `${new Date().toLocaleTimeString()} ${text}`
  list.prepend(item)
  while (list.childElementCount > 4) list.lastElementChild.remove()
  list.hidden = false
}

/** Runs what a form asks for, with its button out of reach meanwhile. */
function onSubmit(selector, run) {
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!form.matches(selector)) return
    event.preventDefault()
    const button = form.querySelector('button')
    button.disabled = true
    void run(new FormData(form), form).finally(() => {
      button.disabled = false
    })
  })
}

async function placeOrder(fields, form) {
  const fault = find('#order-error')
  fault.hidden = true
  say('Placing your order …')
  try {
    const body = { sku: fields.get('sku'), quantity: Number(fields.get('quantity')) }
    const headers = { 'idempotency-key': fields.get('key') }
    const order = await request('/api/orders', { method: 'POST', body, headers })
    form.elements.key.value = crypto.randomUUID()
    form.elements.quantity.value = '1'
    showOrder(order)
    say(`Ordered: ${order.quantity} × ${nameOf(order.sku)}.`, 'good')
    await refreshInventory()
  } catch (error) {
    say('')
    fault.textContent = explain(error)
    fault.hidden = false
  }
}

/** A sensitive action: where the sign-in is too old, the person signs in once more, comes back and confirms. */
async function cancelOrder(fields) {
  const id = fields.get('id')
  try {
    await request(`/api/orders/${id}`, { method: 'DELETE' })
    find('#confirm')?.remove()
    history.replaceState(null, '', '/')
    dropOrder(id)
    say('The order is cancelled.', 'good')
    await refreshInventory()
  } catch (error) {
    if (error.code === 'insufficient_user_authentication') return signIn(error, `/?confirm=${id}`)
    say(explain(error))
  }
}

async function endSession(fields, form) {
  try {
    await request('/auth/sessions/end', { method: 'POST', body: { id: fields.get('id') } })
    form.closest('li').remove()
    say('That session is over.', 'good')
  } catch (error) {
    say(explain(error))
  }
}

function showFeed(text, isLive = false) {
  const feed = find('#feed')
  feed.textContent = text
  feed.classList.toggle('on', isLive)
  feed.hidden = false
}

/** The session is over: nothing here works any more, and it says so. */
function ended() {
  showFeed('closed')
  find('#ended').hidden = false
  for (const control of document.querySelectorAll('main form button, .account button'))
    control.disabled = true
  say('')
}

/** @returns ends it */
function follow() {
  return listen('/api/orders/events', {
    on: {
      placed: (order) => {
        showOrder(order)
        happened(`ordered: ${order.quantity} × ${nameOf(order.sku)}`)
      },
      cancelled: ({ id }) => {
        const name = rowOf(id)?.querySelector('[data-field="name"]').textContent ?? 'an order'
        dropOrder(id)
        happened(`cancelled: ${name}`)
      },
    },
    opened: () => {
      showFeed('live', true)
      refreshOrders().catch((error) => say(explain(error)))
    },
    lost: () => showFeed('connecting …'),
    closed: ended,
  })
}

showTimes()
onSubmit('#order-form', placeOrder)
onSubmit('form.cancel', cancelOrder)
onSubmit('form.end-session', endSession)
// Who signs out hears no more: the gateway would cut the stream while this page still waits for the next one.
if (find('#order-row') !== null) find('form.account')?.addEventListener('submit', follow())
