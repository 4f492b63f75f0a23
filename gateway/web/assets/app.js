// The whole front end: it calls the API on its own origin. The cookie goes along by itself, and no token is ever seen.

const find = (selector) => document.querySelector(selector)

/** What the server answered when it was not what was asked for: RFC 9457 problem details. */
class Problem extends Error {
  constructor(status, { code, title, detail, errors = [] } = {}) {
    const faults = errors.map(({ path, message }) => `${path.replace(/^\//, '')} ${message}`)
    super(sentence(faults.join(', ') || detail || title || `The server answered ${status}`))
    this.status = status
    this.code = code
  }
}

function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

/** Calls the API. Whatever changes something carries the header that only our own origin can send. */
async function api(path, { method = 'GET', body } = {}) {
  const headers = { accept: 'application/json' }
  if (method !== 'GET') headers['x-csrf'] = '1'
  if (body !== undefined) headers['content-type'] = 'application/json'
  const response = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  })
  const answer = await response.json().catch(() => undefined)
  if (!response.ok) throw new Problem(response.status, answer)
  return answer
}

function say(text, kind = '') {
  const status = find('#status')
  status.textContent = text
  status.className = `status ${kind}`
}

/** A session that has ended is not an error to show, but a door to offer. */
function report(error, show) {
  if (error instanceof Problem && error.status === 401) return location.reload()
  if (error instanceof Problem) return show(error.message)
  show('The server could not be reached. Check the connection and try again.')
}

function showTimes(root = document) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  for (const time of root.querySelectorAll('time[datetime]')) {
    time.textContent = format.format(new Date(time.dateTime))
  }
}

async function loadInventory() {
  const { items } = await api('/api/inventory')
  const select = find('#sku')
  const chosen = select.value
  select.replaceChildren(...items.map(inventoryOption))
  if (items.some(({ sku, quantity }) => sku === chosen && quantity > 0)) select.value = chosen
  names.clear()
  for (const { sku, name } of items) names.set(sku, name)
}

const names = new Map()

function inventoryOption({ sku, name, quantity }) {
  const option = document.createElement('option')
  option.value = sku
  option.textContent = quantity > 0 ? `${name ?? sku} (${quantity} in stock)` : `${name ?? sku} (sold out)`
  option.disabled = quantity <= 0
  return option
}

async function loadOrders() {
  const { items } = await api('/api/orders')
  const newestFirst = items.toSorted((a, b) => String(b.created_at).localeCompare(String(a.created_at)))
  find('#orders-table tbody').replaceChildren(...newestFirst.map(orderRow))
  find('#orders-table').hidden = items.length === 0
  find('#orders-empty').hidden = items.length > 0
  showTimes(find('#orders'))
}

function orderRow({ id, sku, quantity, status, created_at: createdAt }) {
  const row = document.createElement('tr')
  row.dataset.order = id
  const placed = document.createElement('time')
  placed.dateTime = new Date(createdAt).toISOString()
  row.append(cell(names.get(sku) ?? sku), cell(quantity, 'number'), cell(status), cell(placed))
  return row
}

function cell(content, className = '') {
  const element = document.createElement('td')
  element.className = className
  element.append(content)
  return element
}

async function placeOrder(event) {
  event.preventDefault()
  const form = event.currentTarget
  const button = form.querySelector('button')
  const fault = find('#order-error')
  const fields = new FormData(form)
  fault.hidden = true
  button.disabled = true
  say('Placing your order …')
  try {
    const body = { sku: fields.get('sku'), quantity: Number(fields.get('quantity')) }
    const order = await api('/api/orders', { method: 'POST', body })
    say(`Ordered: ${order.quantity} × ${names.get(order.sku) ?? order.sku}.`, 'good')
    form.elements.quantity.value = '1'
    await Promise.all([loadOrders(), loadInventory()])
  } catch (error) {
    say('')
    report(error, (text) => {
      fault.textContent = text
      fault.hidden = false
    })
  } finally {
    button.disabled = false
  }
}

async function start() {
  showTimes()
  say('Loading …')
  try {
    const session = await api('/auth/session')
    await loadInventory()
    await loadOrders()
    find('#idle-end').dateTime = session.idle_expires_at
    showTimes()
    find('#order').hidden = false
    find('#orders').hidden = false
    find('#order-form').addEventListener('submit', (event) => void placeOrder(event))
    say('')
  } catch (error) {
    report(error, say)
  }
}

await start()
