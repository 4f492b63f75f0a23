import { join } from 'node:path'
import type { Job } from '../../load/job.ts'
import { writeRequests } from '../../load/requests.ts'
import {
  assertionRequest,
  clientIds,
  introspectionRequest,
  refreshChain,
  refreshRequest,
  secretRequest,
} from '../../run/oauth.ts'
import type { Entry } from '../../run/rounds.ts'
import type { Stage } from '../../run/stage.ts'
import type { TokenServer } from './token-server.ts'

const connections = 64
// More than a run sends; an assertion that came twice would be refused, and counted as a wrong answer.
const assertionsPerSecond = 4000

export interface TokenCase {
  readonly id: 'secret' | 'jwt' | 'refresh' | 'introspection'
  readonly title: string
  job(stage: Stage, server: TokenServer): Promise<Entry['job']>
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
    job: async (stage, server) => {
      const { key, kid } = server.assertion
      const { rounds, roundSeconds, retries, warmSeconds } = stage.pace
      const seconds = warmSeconds + rounds * roundSeconds * (1 + retries) + 1
      const count = Math.ceil(assertionsPerSecond * seconds)
      stage.progress.step(`signing ${count} assertions for ${server.name}`)
      const requests = Array.from({ length: count }, () => assertionRequest(server.token, key, kid))
      return job(stage, server, 'jwt', requests, '"access_token":"ey')
    },
  },
  {
    id: 'refresh',
    title: 'Refresh with rotation',
    job: async (stage, server) => {
      stage.progress.step(`refresh tokens for ${server.name}`)
      const tokens = await server.refreshTokens(connections)
      const requests = tokens.map((token) => refreshRequest(server.token, token))
      return { ...job(stage, server, 'refresh', requests, '"refresh_token":"'), chain: refreshChain }
    },
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
    connections,
    expect: { status: 200, contains },
  }
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
