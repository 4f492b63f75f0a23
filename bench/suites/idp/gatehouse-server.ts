import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { composeConfig } from '../../../test/harness/config.ts'
import { CookieJar } from '../../../test/harness/cookie-jar.ts'
import type { Child } from '../../run/child.ts'
import { House } from '../../run/house.ts'
import { scope } from '../../run/names.ts'
import { clientIds } from '../../run/oauth.ts'
import type { CodeGrant } from '../../run/oauth.ts'
import type { Stage } from '../../run/stage.ts'
import { personsCode, personsRefreshToken } from './person.ts'
import type { Application, Person } from './person.ts'
import type { TokenServer } from './token-server.ts'

const Credentials = Type.Object({
  users: Type.Array(Type.Object({ username: Type.String(), password: Type.String() })),
  clients: Type.Array(Type.Object({ client_id: Type.String(), client_secret: Type.String() })),
})
const PrivateJwk = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.String(),
  x: Type.String(),
  y: Type.String(),
  d: Type.String(),
  kid: Type.Optional(Type.String()),
})

const codesAtOnce = 8

export interface GatehouseServer extends TokenServer {
  readonly issuer: string
  readonly house: House
  /** What the gateway signs people in for. */
  readonly web: Application
  person(username: string): Person
}

export interface StoreChoice {
  readonly name: string
  /** Store URL; undefined: the default, a SQLite file. */
  readonly url: string | undefined
  readonly servants: readonly Child[]
}

/** Gatehouse's identity server as `npm start` runs it. */
export async function gatehouseServer(stage: Stage, store: StoreChoice): Promise<GatehouseServer> {
  const house = await House.open(stage, `idp-${store.name}`)
  const { gateway } = await house.configure(
    composeConfig(store.url === undefined ? undefined : `idp: { store: '${store.url}' }`),
  )
  const { child, urls } = await house.start('idp')
  const issuer = urls['issuer'] ?? ''
  const { host, port } = new URL(issuer)
  const credentials = Value.Parse(Credentials, JSON.parse(readFileSync(house.paths.credentials, 'utf8')))
  const jwk = Value.Parse(PrivateJwk, JSON.parse(readFileSync(house.paths.demoMachineKey, 'utf8')))
  const person = (username: string): Person => {
    const found = credentials.users.find((user) => user.username === username)
    if (found === undefined) throw new Error(`no user ${username} in the credentials file`)
    return found
  }
  const browsers = Array.from({ length: codesAtOnce }, () => new CookieJar())
  return {
    name: `Gatehouse, ${store.name}`,
    child,
    servants: store.servants,
    issuer,
    house,
    web: {
      clientId: gateway.clientId,
      redirectUri: `${gateway.origin}/auth/callback`,
      scope: `openid profile ${scope}`,
    },
    port: Number(port),
    token: { host, path: '/oauth/token', issuer },
    introspection: { host, path: '/oauth/introspect', issuer },
    secret: credentials.clients.find((client) => client.client_id === clientIds.secret)?.client_secret ?? '',
    assertion: { key: createPrivateKey({ key: jwk, format: 'jwk' }), kid: jwk.kid ?? '' },
    person,
    async refreshTokens(count) {
      const jar = new CookieJar()
      const tokens: string[] = []
      for (let n = 0; n < count; n += 1) tokens.push(await personsRefreshToken(issuer, person('alice'), jar))
      return tokens
    },
    async codes(count) {
      const codes: CodeGrant[] = []
      // Each person is in one place at a time: two walks with the same cookies would get into each other's pages.
      const walks = browsers.map(async (jar) => {
        while (codes.length < count)
          codes.push(await personsCode(issuer, person('alice'), jar, { prompt: 'consent' }))
      })
      await Promise.all(walks)
      return codes
    },
  }
}
