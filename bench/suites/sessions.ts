import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { composeConfig } from '../../test/harness/config.ts'
import { signIn } from '../../test/harness/session.ts'
import { bareProxy } from '../contestants/bare-proxy.ts'
import { connections } from '../contestants/cast.ts'
import { requestText, writeRequests } from '../load/requests.ts'
import { ratesBars, ratesTable, ratioOf, rated } from '../report/rates.ts'
import type { SuiteResult } from '../report/result.ts'
import { House } from '../run/house.ts'
import { scope, upstreamName } from '../run/names.ts'
import { runRounds } from '../run/rounds.ts'
import type { Entry } from '../run/rounds.ts'
import { Upstream } from '../run/stage.ts'
import type { Stage } from '../run/stage.ts'
import type { Suite } from './suite.ts'

const Credentials = Type.Object({
  users: Type.Array(Type.Object({ username: Type.String(), password: Type.String() })),
})
const own = 'Gatehouse, session, SQLite'
const sessionsWanted = 16
const size = 300

export const sessionsSuite: Suite = {
  name: 'sessions',
  about: 'a session cookie instead of a token, beside the bare proxy over the same mTLS upstream',
  run: runSessions,
}

async function runSessions(stage: Stage): Promise<SuiteResult> {
  const house = await House.open(stage, 'sessions')
  await house.configure(composeConfig(undefined))
  const upstream = await Upstream.start(stage, 'sessions-upstream', house.workload(upstreamName))
  await house.configure(composeConfig(patch(upstream.origin)))
  await house.start('idp', stage.cores.load)
  const entries = [await bareEntry(stage, house, upstream), await sessionEntry(stage, house, upstream)]
  const { rounds, roundSeconds } = stage.pace
  const title = `Session cookie, ${sessionsWanted} sessions in rotation, mTLS upstream`
  const samples = await runRounds(stage, { name: title, entries, rounds, seconds: roundSeconds })
  const rows = rated(samples, bareProxy.name)
  const ratio = ratioOf(samples, own, bareProxy.name)
  return {
    tables: [ratesTable(`${title} (bare http-proxy = 1)`, rows)],
    plots: [ratesBars('sessions', title, 'requests per second, bare http-proxy = 1', rows, 'Gatehouse')],
    reached: ratio === undefined ? [] : [{ target: 'session.sqlite', value: ratio.median }],
    data: { sessions: rows },
  }
}

function patch(target: string): string {
  return `gateway: { limits: { rate: 1000000/s, failedAuthRate: 1000000/s } }
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

async function bareEntry(stage: Stage, house: House, upstream: Upstream): Promise<Entry> {
  const setting = { upstream, house, tls: house.workload('gateway'), connections }
  const { child, host, port } = await bareProxy.start(stage, setting)
  return entry(stage, bareProxy.name, child, upstream, `${host}:${port}`, [{}])
}

async function sessionEntry(stage: Stage, house: House, upstream: Upstream): Promise<Entry> {
  const { child, urls } = await house.start('gateway')
  const origin = urls['public'] ?? ''
  const { users } = Value.Parse(Credentials, JSON.parse(readFileSync(house.paths.credentials, 'utf8')))
  const alice = users.find((user) => user.username === 'alice')
  if (alice === undefined) throw new Error('no alice in the credentials file')
  const cookies: string[] = []
  for (let n = 1; n <= sessionsWanted; n += 1) {
    stage.progress.step(`signing in · ${n}/${sessionsWanted}`)
    const session = await signIn({ origin, ...alice })
    cookies.push(session.cookies.header(new URL('/api', origin)))
  }
  const headers = cookies.map((cookie) => ({ cookie }))
  return entry(stage, own, child, upstream, new URL(origin).host, headers)
}

function entry(
  stage: Stage,
  name: string,
  child: Entry['child'],
  upstream: Upstream,
  host: string,
  headers: readonly Readonly<Record<string, string>>[],
): Entry {
  const file = join(stage.dir, `sessions-${host.replace(':', '-')}`)
  const requests = headers.map((one) => requestText({ path: `/api/${size}`, host, headers: one }))
  return {
    name,
    child,
    servants: [upstream.child],
    job: {
      host: '127.0.0.1',
      port: Number(host.split(':')[1]),
      requests: writeRequests(file, requests),
      connections,
      expect: { status: 200, body: stage.bodyFile(size) },
    },
  }
}
