import { createServer, type Server } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, SignJWT, type JWTPayload } from 'jose'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { Both } from './both.ts'

const issuer = 'https://risk.example'
const disabled = 'https://schemas.openid.net/secevent/risc/event-type/account-disabled'
const revoked = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'

/** Another party's transmitter: keys, and events to be polled. */
class Transmitter {
  readonly url: string
  /** What the next polls get. */
  outstanding = new Map<string, string>()
  readonly settled: string[] = []
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  constructor(server: Server) {
    const address = server.address()
    this.url = `http://localhost:${typeof address === 'object' ? address?.port : ''}`
    server.on('request', (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
      request.on('end', () => {
        void this.#answer(request.url ?? '', request.headers.authorization, body).then(({ status, json }) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json)),
        )
      })
    })
  }

  set(jti: string, claims: JWTPayload, header: Record<string, string> = {}): Promise<string> {
    const iat = Math.floor(Date.now() / 1000)
    return new SignJWT({ iss: issuer, aud: 'https://us.example', jti, iat, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'risk-1', typ: 'secevent+jwt', ...header })
      .sign(this.#keys.privateKey)
  }

  async #answer(url: string, authorization: string | undefined, body: string) {
    if (url === '/jwks') {
      const jwk = { ...(await exportJWK(this.#keys.publicKey)), kid: 'risk-1', alg: 'ES256', use: 'sig' }
      return { status: 200, json: { keys: [jwk] } }
    }
    if (authorization !== 'Bearer a-token-for-polling') return { status: 401, json: {} }
    const asked = Object(JSON.parse(body))
    for (const jti of [...Object(asked).ack, ...Object.keys(Object(asked.setErrs))]) {
      this.outstanding.delete(jti)
      this.settled.push(jti)
    }
    if (this.outstanding.size === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    return { status: 200, json: { sets: Object.fromEntries(this.outstanding) } }
  }
}

t.test('what others say counts, if the configuration names them', { timeout: 240_000 }, async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const risk = new Transmitter(server)
  const transmitter = `id: risk, issuer: '${issuer}', jwks: '${risk.url}/jwks', audience: 'https://us.example'`
  const poll = `poll: { url: '${risk.url}/poll', token: a-token-for-polling }`
  const platform = await startPlatform({
    t,
    config: `revocation: { transmitters: [{ ${transmitter}, push: true, ${poll} }] }`,
  })
  const both = await Both.start(t, platform)
  const origin = platform.url('gateway')
  const push = async (set: string, type = 'application/secevent+jwt') => {
    const answer = await fetch(`${origin}/events/push/risk`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: set,
    })
    const text = await answer.text()
    return answer.status === 202
      ? '202'
      : `${answer.status} ${text === '' ? '' : String(Object(JSON.parse(text)).err)}`
  }
  const user = (sub: string) => ({ format: 'iss_sub', iss: platform.config.issuer, sub })

  const alice = await platform.userToken('alice')
  t.same(await both.answers({ token: alice }), ['200', '200'])
  const disable = await risk.set('e1', { sub_id: user('acc-alice'), events: { [disabled]: {} } })
  await until(async () => (await push(disable)) === '202')
  t.same(await both.refusal({ token: alice }), ['401 invalid_token', '401 invalid_token'], 'pushed to one')

  const bob = await platform.userToken('bob')
  risk.outstanding.set(
    'e2',
    await risk.set('e2', {
      sub_id: { format: 'complex', user: user('acc-bob') },
      events: { [revoked]: { event_timestamp: 1 } },
    }),
  )
  t.same(await both.refusal({ token: bob }), ['401 invalid_token', '401 invalid_token'], 'polled')
  await until(() => risk.settled.includes('e2'))
  t.ok(risk.settled.includes('e2'))

  const carol = await platform.userToken('carol')
  const event = { sub_id: user('acc-carol'), events: { [disabled]: {} } }
  t.equal(await push(await risk.set('x1', { ...event, iss: 'https://evil.example' })), '400 invalid_issuer')
  t.equal(
    await push(await risk.set('x2', { ...event, aud: 'https://other.example' })),
    '400 invalid_audience',
  )
  t.equal(await push(await risk.set('x3', event, { typ: 'JWT' })), '400 invalid_request')
  t.equal(await push(await risk.set('x4', event, { kid: 'unknown' })), '400 invalid_key')
  t.equal(await push(`${(await risk.set('x5', event)).slice(0, -6)}AAAAAA`), '400 authentication_failed')
  t.equal(await push(await risk.set('x6', { events: event.events })), '400 invalid_request', 'about nobody')
  t.match(await push(await risk.set('x7', event), 'application/json'), /^415/)
  const keys: unknown = await (await fetch(`${platform.config.issuer}/oauth/jwks`)).json()
  for (const { kid } of Object(keys).keys) {
    const grab = { sub_id: { format: 'opaque', id: kid }, events: { 'urn:gatehouse:event:key-retired': {} } }
    t.equal(
      await push(await risk.set(`k-${kid}`, grab)),
      '202',
      'passed over: our keys are not theirs to take',
    )
  }
  t.same(await both.answers({ token: carol }), ['200', '200'])

  await platform.restart('gateway')
  await platform.ready()
  t.equal((await platform.fetch('/api/orders', { token: alice })).status, 401, 'kept over a restart')
})
