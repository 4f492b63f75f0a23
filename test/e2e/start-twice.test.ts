import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newPlace, startHouse } from '../harness/house.ts'
import { CookieJar, isRecord, jwtParts, SessionClient, textField } from '../harness/index.ts'
import { accessTokenOf, requestMachineToken } from '../harness/machine-token.ts'
import { signIn } from '../harness/session.ts'
import { modeOf, pidsIn, readDataFile } from '../harness/start-files.ts'

t.test('start, use, stop, start again: everything is still there', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const { dataDir, portBase } = place
  const origin = `http://localhost:${portBase}`
  const issuer = `http://localhost:${portBase + 1}`

  const first = startHouse(t, place)
  await first.ready()
  t.match(first.out, `open       ${origin}`)
  t.match(first.out, /sign in as +alice \(customer\), bob \(customer\), carol \(support\), admin \(admin\)/)
  t.same(readDataFile(dataDir, 'run.json'), runJson(portBase, pidsIn(dataDir)))
  t.equal(new Set(Object.values(pidsIn(dataDir))).size, 5, 'five processes')

  const credentials = readDataFile(dataDir, 'credentials.json')
  t.match(credentials, {
    users: [
      { username: 'alice', password: /^.{12,}$/, roles: ['customer'] },
      { username: 'bob', password: /^.{12,}$/, roles: ['customer'] },
      { username: 'carol', password: /^.{12,}$/, roles: ['support'] },
      { username: 'admin', password: /^.{12,}$/, roles: ['admin'] },
    ],
    clients: [{ client_id: 'demo-machine', client_secret: /^.{20,}$/ }],
  })
  for (const name of [
    'credentials.json',
    'master.key',
    'demo-machine-jwt.jwk.json',
    'gateway-client.jwk.json',
  ]) {
    t.equal(modeOf(dataDir, name), '0600', name)
  }
  for (const name of readdirSync(join(dataDir, 'certs')).filter((file) => file.endsWith('.key'))) {
    t.equal(modeOf(dataDir, `certs/${name}`), '0600', name)
  }
  for (const name of readdirSync(dataDir).filter((file) => file.includes('.sqlite'))) {
    t.equal(modeOf(dataDir, name), '0600', name)
  }
  const password = secret(credentials, 'users', 'username', 'alice', 'password')
  t.notOk(first.out.includes(password), 'a password is shown to a terminal only')

  const cookies = new CookieJar()
  const alice = await signIn({ origin, username: 'alice', password, cookies })
  const placed = await alice.fetch('/api/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"sku":"oak-stool","quantity":1}',
  })
  t.equal(placed.status, 201, 'right after "ready"')
  const session: unknown = await (await alice.fetch('/auth/session')).json()
  const clientSecret = secret(credentials, 'clients', 'client_id', 'demo-machine', 'client_secret')
  const token = await machineToken(issuer, clientSecret)

  const stopped = await first.stop('SIGINT')
  t.equal(stopped.code, 0)
  t.ok(stopped.ms < 8_000, `stopped after ${Math.round(stopped.ms)} ms`)
  t.same(first.left(), [], 'no process is left')
  t.notOk(existsSync(join(dataDir, 'run.json')))

  const second = startHouse(t, place)
  await second.ready()
  t.same(readDataFile(dataDir, 'credentials.json'), credentials, 'the same users and clients')
  const again = new SessionClient(origin, 'alice', cookies)
  t.same(lasting(await (await again.fetch('/auth/session')).json()), lasting(session), 'the session goes on')
  t.match(await (await again.fetch('/api/orders')).json(), { items: [{ sku: 'oak-stool' }] })
  const old = await fetch(`${origin}/api/inventory`, { headers: { authorization: `Bearer ${token}` } })
  t.equal(old.status, 200, 'an access token from before: the same keys')
  t.equal(jwtParts(await machineToken(issuer, clientSecret)).header['kid'], jwtParts(token).header['kid'])
  // Signing in a second time asks for no consent: the grant is still there. The walk would stop at a consent page.
  const authorize = await fetch(`${origin}/auth/login?return_to=/`, { redirect: 'manual' })
  t.equal(authorize.status, 303)

  t.match(
    readFileSync(join(dataDir, 'logs/gateway.log.1'), 'utf8'),
    /"name":"gateway"/,
    "the first start's log",
  )
  const end = await second.stop('SIGTERM')
  t.equal(end.code, 0)
  t.ok(end.ms < 8_000, `stopped after ${Math.round(end.ms)} ms`)
  t.same(second.left(), [])
})

/** What does not move with use. */
function lasting(session: unknown): unknown {
  return isRecord(session) ? { ...session, idle_expires_at: undefined } : session
}

function runJson(base: number, pids: Readonly<Record<string, number>>): unknown {
  return {
    gateway: {
      public: `http://localhost:${base}`,
      internal: `https://localhost:${base + 443}`,
      admin: `http://127.0.0.1:${base + 90}`,
    },
    idp: { issuer: `http://localhost:${base + 1}`, admin: `http://127.0.0.1:${base + 91}` },
    services: {
      users: `https://localhost:${base + 1001}`,
      orders: `https://localhost:${base + 1002}`,
      inventory: `https://localhost:${base + 1003}`,
    },
    pids: {
      gateway: pids['gateway'],
      idp: pids['idp'],
      users: pids['users'],
      orders: pids['orders'],
      inventory: pids['inventory'],
    },
  }
}

async function machineToken(issuer: string, clientSecret: string): Promise<string> {
  return accessTokenOf(await requestMachineToken(`${issuer}/oauth/token`, {}, { secret: clientSecret }))
}

function secret(credentials: unknown, list: string, key: string, value: string, name: string): string {
  const entries = isRecord(credentials) && Array.isArray(credentials[list]) ? credentials[list] : []
  return textField(
    entries.find((entry: unknown) => isRecord(entry) && entry[key] === value),
    name,
  )
}
