import { readFileSync } from 'node:fs'
import { ApiError, listen, request, signIn, signInUrl, signOut } from '@gatehouse/kit/browser'
import t, { type Test } from 'tap'
import { browserScript, servedScript } from '../harness/browser-script.ts'

type Handler = (event: { data?: string }) => void

/** An `EventSource` that tests speak through. */
class Source {
  static readonly all: Source[] = []
  readonly url: string
  readyState = 1
  readonly #handlers: { name: string; handler: Handler }[] = []

  constructor(url: string) {
    this.url = url
    Source.all.push(this)
  }

  addEventListener(name: string, handler: Handler): void {
    this.#handlers.push({ name, handler })
  }

  close(): void {
    this.readyState = 2
  }

  say(name: string, data?: string): void {
    for (const one of this.#handlers.filter((it) => it.name === name))
      one.handler(data === undefined ? {} : { data })
  }
}

function replace(t: Test, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value })
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(globalThis, name)
    else Object.defineProperty(globalThis, name, before)
  })
}

/** A page, and how its requests are answered. */
function openPage(t: Test, answer: { status: number; body?: string }) {
  const sent: Request[] = []
  const went: string[] = []
  const origin = 'https://shop.test'
  const assign = (url: string) => void went.push(url)
  replace(t, 'location', { origin, pathname: '/orders', search: '?page=2', assign })
  replace(t, 'EventSource', Source)
  replace(t, 'fetch', async (url: URL, init: RequestInit) => {
    sent.push(new Request(url, init))
    return new Response(answer.body ?? null, { status: answer.status })
  })
  return { sent, went, answer }
}

const stepUp = JSON.stringify({
  code: 'insufficient_user_authentication',
  title: 'A stronger or more recent sign-in is needed',
  txn: 'txn_1',
  login_url: '/auth/login?max_age=300',
})

t.test('what the gateway serves is this module without its types', async (t) => {
  const hint = 'run: node test/harness/browser-script.ts'
  t.equal(readFileSync(servedScript, 'utf8'), await browserScript(), hint)
})

t.test('requests carry what the gateway asks for, and go nowhere else', async (t) => {
  const { sent } = openPage(t, { status: 200, body: '{"id":"1"}' })
  t.same(await request('/api/orders', { method: 'POST', body: { sku: 'a' } }), { id: '1' })
  await request('/api/orders')
  const [post, get] = sent
  t.equal(post?.headers.get('x-csrf'), '1')
  t.equal(post?.headers.get('content-type'), 'application/json')
  t.equal(await post?.text(), '{"sku":"a"}')
  t.equal(get?.headers.get('x-csrf'), null)
  for (const path of ['https://evil.test/', '//evil.test/api', 'javascript:alert(1)']) {
    // oxlint-disable-next-line no-await-in-loop
    await t.rejects(request(path), TypeError)
    t.throws(() => signInUrl(path), TypeError)
  }
  t.equal(sent.length, 2)
})

t.test('a 401 is turned into where to go', async (t) => {
  const { went, answer } = openPage(t, { status: 401, body: stepUp })
  const refusal = (): Promise<unknown> => request('/api/orders').catch((it: unknown) => it)
  const error: unknown = await request('/api/orders/1', { method: 'DELETE' }).catch((it: unknown) => it)
  if (!(error instanceof ApiError)) throw new Error('it was not refused')
  t.match(error, { status: 401, code: 'insufficient_user_authentication', txn: 'txn_1' })
  signIn(error, '/?confirm=1')
  t.same(went, ['https://shop.test/auth/login?max_age=300&return_to=%2F%3Fconfirm%3D1'])
  t.equal(signInUrl(), 'https://shop.test/auth/login?return_to=%2Forders%3Fpage%3D2', 'back to this page')

  Object.assign(answer, { body: '{"code":"no_session"}' })
  t.match(await refusal(), { loginUrl: '/auth/login' })
  Object.assign(answer, { body: '{"code":"invalid_token"}' })
  t.match(await refusal(), { loginUrl: undefined }, 'signing in would not help')
  Object.assign(answer, {
    status: 422,
    body: '{"code":"validation_failed","errors":[{"path":"/sku","message":"is unknown"}]}',
  })
  t.match(await refusal(), {
    loginUrl: undefined,
    faults: [{ path: '/sku', message: 'is unknown' }],
  })
  Object.assign(answer, { status: 502, body: '<html>' })
  t.match(await refusal(), { status: 502, code: '', message: 'The server answered 502' })
})

t.test('signing out goes where the gateway says', async (t) => {
  const { sent, went } = openPage(t, { status: 200, body: '{"logout_url":"https://shop.test/"}' })
  await signOut()
  t.equal(`${sent[0]?.method} ${sent[0]?.url}`, 'POST https://shop.test/auth/logout')
  t.same(went, ['https://shop.test/'])
})

t.test('a stream tells its events, and why it is over', async (t) => {
  const { answer } = openPage(t, { status: 401, body: '{"code":"no_session"}' })
  const told: unknown[] = []
  const listener = {
    on: { placed: (data: unknown) => told.push(data) },
    opened: () => told.push('opened'),
    lost: () => told.push('lost'),
    closed: (reason: unknown) => told.push(reason),
  }
  const over = { code: 'no_session', loginUrl: '/auth/login' }
  const begin = () => {
    const stop = listen('/api/orders/events', listener)
    const source = Source.all.at(-1)
    if (source === undefined) throw new Error('nothing was opened')
    return { stop, source }
  }
  const { source } = begin()
  source.say('open')
  source.say('placed', '{"id":"1"}')
  source.say('gatehouse-closed', '{"code":"no_session"}')
  t.same(told.splice(0), ['opened', { id: '1' }, over])
  t.equal(source.readyState, 2, 'it is not tried again')

  const refused = begin()
  refused.source.readyState = 2
  refused.source.say('error')
  await new Promise((resolve) => setImmediate(resolve))
  t.same(told.splice(0), ['lost', over], 'the browser does not say why it was refused, so it was asked')

  Object.assign(answer, { status: 200, body: '{}' })
  const shaken = begin()
  shaken.source.readyState = 2
  shaken.source.say('error')
  await new Promise((resolve) => setImmediate(resolve))
  t.same(told, ['lost'], 'the session is there: it is tried again')
  shaken.stop()
})

t.test('who has stopped hears nothing more, also while it is asked why a stream was refused', async (t) => {
  const { answer } = openPage(t, { status: 401, body: '{"code":"no_session"}' })
  const waits: unknown[] = []
  replace(t, 'setTimeout', (run: unknown) => waits.push(run))
  const told: unknown[] = []
  const refuse = async () => {
    const stop = listen('/api/orders/events', { on: {}, closed: (reason) => told.push(reason) })
    const source = Source.all.at(-1)
    Object.assign(source ?? {}, { readyState: 2 })
    source?.say('error')
    stop()
    source?.say('gatehouse-closed', '{"code":"no_session"}')
    await new Promise((resolve) => setImmediate(resolve))
  }
  await refuse()
  Object.assign(answer, { status: 200, body: '{}' })
  await refuse()
  t.same(told, [])
  t.same(waits, [], 'nothing is opened once more')
})
