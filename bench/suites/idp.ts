import { writeRequests } from '../load/requests.ts'
import { ratesBars, ratesTable, ratioOf, rated, reachedBy, wrongOf } from '../report/rates.ts'
import type { Samples } from '../report/rates.ts'
import { joined } from '../report/result.ts'
import type { Results, SuiteResult } from '../report/result.ts'
import { startPostgres } from '../run/postgres.ts'
import type { Postgres } from '../run/postgres.ts'
import { runRounds } from '../run/rounds.ts'
import type { Entry } from '../run/rounds.ts'
import type { Stage } from '../run/stage.ts'
import { wordsOf } from '../run/words-of.ts'
import type { TargetId } from '../targets.ts'
import { bareServer } from './idp/bare-server.ts'
import { gatehouseServer } from './idp/gatehouse-server.ts'
import type { GatehouseServer } from './idp/gatehouse-server.ts'
import { runSignIn } from './idp/sign-in.ts'
import { checkServer, tokenCases } from './idp/token-cases.ts'
import type { TokenCase } from './idp/token-cases.ts'
import type { TokenServer } from './idp/token-server.ts'
import { inTurn } from './in-turn.ts'
import type { Suite } from './suite.ts'

/** Which target is the ratio of Gatehouse on which store to the bare provider in which case. */
const judged: readonly { readonly target: TargetId; readonly of: TokenCase['id']; readonly store: string }[] =
  [
    { target: 'idp.secret', of: 'secret', store: 'SQLite' },
    { target: 'idp.jwt.sqlite', of: 'jwt', store: 'SQLite' },
    { target: 'idp.jwt.postgres', of: 'jwt', store: 'PostgreSQL' },
    { target: 'idp.refresh.sqlite', of: 'refresh', store: 'SQLite' },
    { target: 'idp.refresh.postgres', of: 'refresh', store: 'PostgreSQL' },
  ]

export const idpSuite: Suite = {
  name: 'idp',
  about: 'the token endpoint on SQLite and PostgreSQL beside bare oidc-provider in memory; password sign-in',
  cases: { secret: 25, jwt: 14, refresh: 14, introspection: 8, signin: 22, code: 13 },
  run: runIdp,
}

async function runIdp(stage: Stage): Promise<Results> {
  const postgres = await startPostgres(stage)
  try {
    const bare = await bareServer(stage)
    const sqlite = await started(stage, 'SQLite', undefined)
    const onPostgres = postgres === undefined ? undefined : await started(stage, 'PostgreSQL', postgres)
    const servers = [bare, sqlite, onPostgres].filter((server) => server !== undefined)
    const cases = tokenCases.map((of) => [of.id, () => runTokenCase(stage, of, servers)] as const)
    const signin = sqlite === undefined ? {} : { signin: () => runSignIn(stage, sqlite) }
    // What takes longest and has no target comes last.
    const { code, ...others } = Object.fromEntries(cases)
    return await inTurn(stage, { ...others, ...signin, ...(code === undefined ? {} : { code }) })
  } finally {
    await postgres?.stop()
  }
}

async function started(
  stage: Stage,
  name: string,
  postgres: Postgres | undefined,
): Promise<GatehouseServer | undefined> {
  const store = {
    name,
    url: postgres?.database('idp'),
    servants: postgres === undefined ? [] : [postgres.child],
  }
  try {
    stage.progress.step(`starting the identity server on ${name}`)
    const server = await gatehouseServer(stage, store)
    await checkServer(server)
    return server
  } catch (error) {
    stage.progress.note(`skipped: ${name}: ${wordsOf(error)}`)
    return undefined
  }
}

async function runTokenCase(
  stage: Stage,
  of: TokenCase,
  servers: readonly TokenServer[],
): Promise<SuiteResult> {
  const entries: Entry[] = []
  for (const server of servers) {
    try {
      const { name, child, servants } = server
      const job = await of.job(stage, server)
      const { renew } = of
      const prepare = async (seconds: number): Promise<void> => {
        if (renew !== undefined) writeRequests(job.requests, await renew(stage, server, seconds))
      }
      entries.push({ name, child, servants, job, prepare, fill: (of.runsToWarm ?? 0) * (job.most ?? 0) })
    } catch (error) {
      stage.progress.note(`skipped: ${of.title}: ${server.name}: ${wordsOf(error)}`)
    }
  }
  return caseResult(
    of,
    servers,
    await runRounds(stage, { name: of.title, entries, side: !judged.some((one) => one.of === of.id) }),
  )
}

function caseResult(of: TokenCase, servers: readonly TokenServer[], samples: Samples): SuiteResult {
  const [bare] = servers
  if (bare === undefined) return joined([])
  const rows = rated(samples, bare.name)
  return {
    tables: [ratesTable(`${of.title} (${bare.name} = 1)`, rows)],
    plots: [ratesBars(`idp-${of.id}`, of.title, `requests per second, ${bare.name} = 1`, rows, 'Gatehouse')],
    reached: judged
      .filter((one) => one.of === of.id)
      .flatMap(({ target, store }) => reachedBy(target, ratioOf(samples, `Gatehouse, ${store}`, bare.name))),
    wrong: wrongOf(samples),
    data: { [`idp.${of.id}`]: rows },
  }
}
