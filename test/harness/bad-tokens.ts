import { SignJWT } from 'jose'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { FakeGateway, internalClaims } from '@gatehouse/kit/testing'
import { freePort } from './ports.ts'
import { startProgram, type StrangerOptions } from './stranger.ts'

type Claims = Readonly<Record<string, unknown>>

/** Internal tokens that no service may take, each wrong in one thing alone (docs/services.md, "Other languages"). */
const bad: Readonly<
  Record<string, { claims?: (now: number, name: string) => Claims; header?: Claims; foreignKey?: true }>
> = {
  'for another service': { claims: () => ({ aud: 'orders' }) },
  'for several': { claims: (_now, name) => ({ aud: [name, 'orders'] }) },
  'of another issuer': { claims: () => ({ iss: 'urn:gatehouse:elsewhere.test:internal' }) },
  expired: { claims: (now) => ({ iat: now - 40, exp: now - 10 }) },
  'from the future': { claims: (now) => ({ iat: now + 30, exp: now + 60 }) },
  'for longer than a minute': { claims: (now) => ({ exp: now + 300 }) },
  'without end': { claims: () => ({ exp: undefined }) },
  'without a subject': { claims: () => ({ sub: undefined }) },
  'without a transaction': { claims: () => ({ txn: undefined }) },
  'of another presenter': { claims: () => ({ req_wl: spiffeId('gatehouse.test', 'orders') }) },
  'an access token by its type': { header: { typ: 'at+jwt' } },
  'without a type': { header: { typ: undefined } },
  'of an unknown key': { header: { kid: 'unknown' } },
  'signed by another key': { foreignKey: true },
}

interface Outcome {
  /** With a good token. */
  readonly good: number
  /** Names of the bad tokens that were not answered 401. */
  readonly taken: readonly string[]
}

/** Runs the program behind a gateway that signs whatever is asked for, and shows it each of them. */
export async function showBadTokens(o: StrangerOptions & { readonly scope: string }): Promise<Outcome> {
  const gateway = await FakeGateway.start({ services: [o.name] })
  o.t.teardown(() => gateway.stop())
  const other = await FakeGateway.start({ services: [] })
  o.t.teardown(() => other.stop())
  const { trust, door } = gateway
  const port = await freePort()
  const { certsDir, trustDomain } = trust
  const program = startProgram(o, {
    certsDir,
    door: door.origin.replace('127.0.0.1', 'localhost'),
    port,
    trustDomain,
  })
  const get = gateway.to({ name: o.name, urls: { url: `https://127.0.0.1:${port}` } })
  const ask = async (authorization?: string): Promise<number> =>
    (await get(o.path, { scopes: [o.scope], ...(authorization && { headers: { authorization } }) })).status
  await program.until(() =>
    ask().then(
      (status) => status === 200,
      () => false,
    ),
  )
  const now = Math.floor(Date.now() / 1000)
  const taken: string[] = []
  for (const [name, { claims, header, foreignKey }] of Object.entries(bad)) {
    const good = internalClaims(trust, { aud: o.name, scope: o.scope })
    const token = await new SignJWT({ ...good, ...claims?.(now, o.name) })
      .setProtectedHeader({ alg: 'ES256', typ: 'internal+jwt', kid: trust.key.kid, ...header })
      .sign(foreignKey ? other.trust.key.privateKey : trust.key.privateKey)
    if ((await ask(`Bearer ${token}`)) !== 401) taken.push(name)
  }
  return { good: await ask(), taken }
}
