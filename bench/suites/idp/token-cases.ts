import { join } from 'node:path'
import type { Job } from '../../load/job.ts'
import { writeRequests } from '../../load/requests.ts'
import {
  assertionRequest,
  clientIds,
  codeRequest,
  introspectionRequest,
  refreshChain,
  refreshRequest,
  secretRequest,
} from '../../run/oauth.ts'
import type { Entry } from '../../run/rounds.ts'
import type { Stage } from '../../run/stage.ts'
import type { TokenServer } from './token-server.ts'

/** Connections; for a look at the shape of the results as few as do. */
const connectionsOf = ({ pace }: Stage): number => (pace.name === 'tiny' ? 8 : 64)
// More than one core answers; an assertion that came twice would be refused, and counted as a wrong answer.
const assertionsPerSecond = 7000
const shortestRun = 1
/** A code lasts for a minute, and getting one takes longer than exchanging it. */
const codesOf = (stage: Stage): number => connectionsOf(stage) * 1.5

export interface TokenCase {
  readonly id: 'secret' | 'jwt' | 'refresh' | 'code' | 'introspection'
  readonly title: string
  job(stage: Stage, server: TokenServer): Promise<Entry['job']>
  /** Requests that are good for one run of so many seconds; put in the place of the last ones. */
  readonly renew?: (stage: Stage, server: TokenServer, seconds: number) => Promise<readonly string[]>
  /** Runs before the first round, where one is too short to warm anything up. */
  readonly runsToWarm?: number
}

/** What is asked of the token and introspection endpoints. */
export const tokenCases: readonly TokenCase[] = [
  {
    id: 'secret',
    title: 'Client credentials by secret',
    job: async (stage, server) =>
      job(stage, server, 'secret', [secretRequest(server.token, server.secret)], '"access_token":"ey'),
  },
  {
    id: 'jwt',
    title: 'Client credentials by private_key_jwt',
    job: async (stage, server) =>
      job(stage, server, 'jwt', await assertions(stage, server, shortestRun), '"access_token":"ey'),
    renew: assertions,
  },
  {
    id: 'refresh',
    title: 'Refresh with rotation',
    job: async (stage, server) => {
      stage.progress.step(`refresh tokens for ${server.name}`)
      const tokens = await server.refreshTokens(connectionsOf(stage))
      const requests = tokens.map((token) => refreshRequest(server.token, token))
      return { ...job(stage, server, 'refresh', requests, '"refresh_token":"'), chain: refreshChain }
    },
  },
  {
    id: 'code',
    title: 'Code exchange, with a refresh token and an ID token',
    job: async (stage, server) => ({
      ...job(stage, server, 'code', await codes(stage, server), '"refresh_token":"'),
      most: codesOf(stage),
      // All are sent in less than a lead would take.
      lead: 0,
    }),
    renew: codes,
    runsToWarm: 3,
  },
  {
    id: 'introspection',
    title: 'Introspection of a refresh token',
    job: async (stage, server) => {
      const [token = ''] = await server.refreshTokens(1)
      const requests = [introspectionRequest(server.introspection, token)]
      return job(stage, server, 'introspection', requests, '"active":true')
    },
  },
]

function job(
  stage: Stage,
  server: TokenServer,
  name: string,
  requests: readonly string[],
  contains: string,
): Omit<Job, 'first' | 'seconds'> {
  return {
    host: '127.0.0.1',
    port: server.port,
    requests: writeRequests(join(stage.dir, `${name}-${server.port}`), requests),
    connections: connectionsOf(stage),
    expect: { status: 200, contains },
  }
}

async function assertions(_stage: Stage, server: TokenServer, seconds: number): Promise<readonly string[]> {
  const { key, kid } = server.assertion
  const count = Math.ceil(assertionsPerSecond * seconds)
  return Array.from({ length: count }, () => assertionRequest(server.token, key, kid))
}

async function codes(stage: Stage, server: TokenServer): Promise<readonly string[]> {
  const wanted = codesOf(stage)
  const grants = await server.codes(wanted)
  return grants.slice(0, wanted).map((grant) => codeRequest(server.token, grant))
}

/** A server that takes any secret would be quick. */
export async function checkServer(server: TokenServer): Promise<void> {
  const response = await fetch(new URL(server.token.path, server.token.issuer), {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientIds.secret}:wrong`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    signal: AbortSignal.timeout(5000),
  })
  if (response.status !== 401) throw new Error(`a wrong secret was answered ${response.status}, not 401`)
}
