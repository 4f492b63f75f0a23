import { copyFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { composeConfig } from '../../test/harness/config.ts'
import type { Results, SuiteResult } from '../report/result.ts'
import { House } from '../run/house.ts'
import type { Stage } from '../run/stage.ts'
import type { Suite } from './suite.ts'

const Credentials = Type.Object({
  clients: Type.Array(Type.Object({ client_id: Type.String(), client_secret: Type.String() })),
})
const Tokens = Type.Object({ access_token: Type.String() })
const clientId = 'demo-machine'
const readyTimeoutMs = 20_000
const giveUpMs = 5000
/** Enough for the code that answers to be compiled. */
const warmUps = 20

export const revocationSuite: Suite = {
  name: 'revocation',
  about: "from the IdP's answer to a revocation until both gateways refuse the token",
  cases: { revocation: 9 },
  run: runRevocation,
}

interface Setting {
  readonly agent: Agent
  readonly issuer: string
  readonly gateways: readonly string[]
  readonly authorization: string
}

const trialsOf = { tiny: 5, quick: 50, full: 200, thorough: 1000 } as const

async function runRevocation(stage: Stage): Promise<Results> {
  stage.begin('revocation')
  const trials = trialsOf[stage.pace.name]
  const setting = await openSetting(stage)
  const times: number[] = []
  try {
    for (let n = 1 - warmUps; n <= trials; n += 1) {
      if (n % 10 === 0) stage.progress.step(`revocation · ${Math.max(n, 0)}/${trials}`)
      const ms = await trial(setting)
      if (n > 0) times.push(ms)
    }
  } finally {
    await setting.agent.destroy()
  }
  return new Map([['revocation', result(times.toSorted((a, b) => a - b))]])
}

/** One IdP and two gateways, each a process of its own; the gateways have nothing in common but the IdP. */
async function openSetting(stage: Stage): Promise<Setting> {
  const first = await House.open(stage, 'revocation-1')
  await first.configure(composeConfig(undefined))
  const issuer = (await first.start('idp', 'any')).urls['issuer'] ?? ''
  const second = await House.open(stage, 'revocation-2')
  copyFileSync(first.paths.gatewayClientKey, second.paths.gatewayClientKey)
  await second.configure(composeConfig(`issuer: ${issuer}`))
  const started = [await first.start('gateway', 'any'), await second.start('gateway', 'any')]
  const credentials = Value.Parse(Credentials, JSON.parse(readFileSync(first.paths.credentials, 'utf8')))
  const secret = credentials.clients.find((client) => client.client_id === clientId)?.client_secret ?? ''
  const setting = {
    agent: new Agent({ connections: 4, keepAliveTimeout: 60_000 }),
    issuer,
    gateways: started.map(({ urls }) => urls['public'] ?? ''),
    authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
  }
  await Promise.all(setting.gateways.map((gateway) => untilReady(setting, gateway)))
  return setting
}

async function untilReady(setting: Setting, gateway: string): Promise<void> {
  const end = performance.now() + readyTimeoutMs
  while ((await status(setting, `${gateway}/readyz`)) !== 200) {
    if (performance.now() > end) throw new Error(`${gateway} is not ready within ${readyTimeoutMs} ms`)
    await sleep(10)
  }
}

/** Milliseconds until the last gateway refused. */
async function trial(setting: Setting): Promise<number> {
  const token = await newToken(setting)
  const before = await Promise.all(setting.gateways.map((gateway) => ask(setting, gateway, token)))
  if (before.includes(401)) throw new Error('a good token was refused')
  await post(setting, '/oauth/revoke', { token })
  const since = performance.now()
  await Promise.all(setting.gateways.map((gateway) => untilRefused(setting, gateway, token)))
  return performance.now() - since
}

async function untilRefused(setting: Setting, gateway: string, token: string): Promise<void> {
  const end = performance.now() + giveUpMs
  while ((await ask(setting, gateway, token)) !== 401) {
    if (performance.now() > end) throw new Error(`${gateway} did not refuse within ${giveUpMs} ms`)
  }
}

/** No service runs: whoever is let through gets 503, whoever is not gets 401. */
function ask(setting: Setting, gateway: string, token: string): Promise<number> {
  return status(setting, `${gateway}/api/orders`, { authorization: `Bearer ${token}` })
}

async function status(
  { agent }: Setting,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const answer = await request(url, { dispatcher: agent, headers: { ...headers } })
  await answer.body.dump()
  return answer.statusCode
}

async function newToken(setting: Setting): Promise<string> {
  const text = await post(setting, '/oauth/token', {
    grant_type: 'client_credentials',
    scope: 'orders:read',
  })
  return Value.Parse(Tokens, JSON.parse(text)).access_token
}

async function post(
  { agent, issuer, authorization }: Setting,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await request(`${issuer}${path}`, {
    dispatcher: agent,
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...form }).toString(),
  })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${text}`)
  return text
}

function result(sorted: readonly number[]): SuiteResult {
  const at = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN
  const row = [String(sorted.length), ...[0.5, 0.9, 0.99, 1].map((part) => `${at(part).toFixed(1)} ms`)]
  return {
    tables: [
      {
        title: 'Revocation: from the answer of the IdP to refusal at both gateways',
        columns: ['trials', 'median', 'p90', 'p99', 'longest'],
        rows: [row],
        notes: ['one IdP on SQLite, two gateways, three processes, asked over and over by this one'],
      },
    ],
    plots: [],
    reached: [{ target: 'revocation.p99', value: at(0.99), note: `${sorted.length} trials` }],
    wrong: 0,
    data: { revocation: { ms: sorted } },
  }
}
