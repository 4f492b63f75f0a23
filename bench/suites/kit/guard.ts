import { publicJwk } from '@gatehouse/kit/keys/jwk'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createTrust, internalToken } from '../../../test/harness/internal.ts'
import type { Trust } from '../../../test/harness/internal.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import { ratesTable, ratioOf, rated, reachedBy, wrongOf } from '../../report/rates.ts'
import type { SuiteResult } from '../../report/result.ts'
import { scope, upstreamName } from '../../run/names.ts'
import { runRounds } from '../../run/rounds.ts'
import type { Entry } from '../../run/rounds.ts'
import type { Stage } from '../../run/stage.ts'

const names = { bare: 'service without guard', guarded: 'with the guard, token known' }

/** What the guard costs a service that has seen the token before. */
export async function runGuard(stage: Stage): Promise<SuiteResult> {
  const dir = join(stage.dir, 'guard')
  mkdirSync(dir, { recursive: true })
  const trust = await createTrust(dir)
  const entries = [await serviceEntry(stage, trust, false), await serviceEntry(stage, trust, true)]
  const samples = await runRounds(stage, { name: 'guard', entries })
  const rows = rated(samples, names.bare)
  const ratio = ratioOf(samples, names.guarded, names.bare)
  return {
    tables: [ratesTable(`Guard of a service, mTLS, 0.3 kB (${names.bare} = 1)`, rows)],
    plots: [],
    reached: reachedBy('guard', ratio),
    wrong: wrongOf(samples),
    data: { guard: rows },
  }
}

async function serviceEntry(stage: Stage, trust: Trust, guarded: boolean): Promise<Entry> {
  const settings = {
    certsDir: trust.certsDir,
    trustDomain: trust.trustDomain,
    guarded,
    issuer: trust.issuer,
    jwks: { keys: [{ ...publicJwk(trust.key.publicKey), alg: 'ES256', use: 'sig' }] },
  }
  const name = guarded ? names.guarded : names.bare
  const child = stage.node(
    guarded ? 'service-guarded' : 'service-bare',
    'programs/service.ts',
    settings,
    stage.cores.contestant,
  )
  const port = await stage.port(child)
  const requests = join(stage.dir, `guard-${port}`)
  const { ca, cert, key } = trust.workload('gateway')
  return {
    name,
    child,
    servants: [],
    // The token lives a minute.
    prepare: async () => {
      const authorization = `Bearer ${internalToken(trust, { aud: upstreamName, scope })}`
      writeRequests(requests, [
        requestText({ path: '/api/300', host: `localhost:${port}`, headers: { authorization } }),
      ])
    },
    job: {
      host: '127.0.0.1',
      port,
      tls: { ca, cert, key },
      requests,
      connections: 64,
      expect: { status: 200, body: stage.bodyFile(300) },
    },
  }
}
