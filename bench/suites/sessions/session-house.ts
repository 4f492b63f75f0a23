import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { composeConfig } from '../../../test/harness/config.ts'
import { signIn } from '../../../test/harness/session.ts'
import { bareProxy } from '../../contestants/bare-proxy.ts'
import { connections } from '../../contestants/cast.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import type { Child } from '../../run/child.ts'
import { House } from '../../run/house.ts'
import { scope, upstreamName } from '../../run/names.ts'
import type { Entry } from '../../run/rounds.ts'
import { Upstream } from '../../run/stage.ts'
import type { Stage } from '../../run/stage.ts'

const Credentials = Type.Object({
  users: Type.Array(Type.Object({ username: Type.String(), password: Type.String() })),
})
const size = 300

/** How many people are signed in; for a look at the shape of the results as few as do. */
export function sessionsOf({ pace }: Stage): number {
  return pace.name === 'tiny' ? 2 : 16
}

/** An identity server, and a gateway that keeps its sessions in one kind of store. */
export class SessionHouse {
  readonly #stage: Stage
  readonly #house: House
  readonly #upstream: Upstream

  private constructor(stage: Stage, house: House, upstream: Upstream) {
    this.#stage = stage
    this.#house = house
    this.#upstream = upstream
  }

  /** @param store URL of the store of sessions; undefined: the default, a SQLite file. */
  static async open(stage: Stage, name: string, store: string | undefined): Promise<SessionHouse> {
    const house = await House.open(stage, name)
    await house.configure(composeConfig(undefined))
    const upstream = await Upstream.start(stage, `${name}-upstream`, house.workload(upstreamName))
    await house.configure(composeConfig(patch(upstream.origin, store)))
    await house.start('idp', 'load')
    return new SessionHouse(stage, house, upstream)
  }

  async bareEntry(): Promise<Entry> {
    const tls = this.#house.workload('gateway')
    const setting = { upstream: this.#upstream, house: this.#house, tls, connections }
    const { child, host, port } = await bareProxy.start(this.#stage, setting)
    return this.#entry(bareProxy.name, child, `${host}:${port}`, [{}], [])
  }

  /** The gateway, with people signed in. */
  async entry(name: string, servants: readonly Child[]): Promise<Entry> {
    const { child, urls } = await this.#house.start('gateway')
    const origin = urls['public'] ?? ''
    const file = readFileSync(this.#house.paths.credentials, 'utf8')
    const { users } = Value.Parse(Credentials, JSON.parse(file))
    const alice = users.find((user) => user.username === 'alice')
    if (alice === undefined) throw new Error('no alice in the credentials file')
    const headers: { cookie: string }[] = []
    const wanted = sessionsOf(this.#stage)
    for (let n = 1; n <= wanted; n += 1) {
      this.#stage.progress.step(`signing in · ${n}/${wanted}`)
      const session = await signIn({ origin, ...alice })
      headers.push({ cookie: session.cookies.header(new URL('/api', origin)) })
    }
    return this.#entry(name, child, new URL(origin).host, headers, servants)
  }

  #entry(
    name: string,
    child: Child,
    host: string,
    headers: readonly Readonly<Record<string, string>>[],
    servants: readonly Child[],
  ): Entry {
    const file = join(this.#stage.dir, `sessions-${host.replace(':', '-')}`)
    const requests = headers.map((one) => requestText({ path: `/api/${size}`, host, headers: one }))
    return {
      name,
      child,
      servants: [this.#upstream.child, ...servants],
      job: {
        host: '127.0.0.1',
        port: Number(host.split(':')[1]),
        requests: writeRequests(file, requests),
        connections,
        expect: { status: 200, body: this.#stage.bodyFile(size) },
      },
    }
  }
}

function patch(target: string, store: string | undefined): string {
  const session = store === undefined ? '' : `, session: { store: '${store}' }`
  return `gateway: { limits: { rate: 1000000/s, failedAuthRate: 1000000/s }${session} }
routes:
  - id: bench
    match: { path: '/api/${size}', methods: [GET] }
    authn: [session]
    authz: { scopes: ['${scope}'] }
    token: { scopes: ['${scope}'] }
    limits: { rate: 1000000/s }
    upstream: ${upstreamName}
upstreams: { ${upstreamName}: { targets: ['${target}'] } }
`
}
