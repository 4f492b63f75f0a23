import { bareProxy } from '../contestants/bare-proxy.ts'
import { ratesBars, ratesTable, ratioOf, rated, reachedBy, wrongOf } from '../report/rates.ts'
import type { Results, SuiteResult } from '../report/result.ts'
import type { Samples } from '../report/rates.ts'
import { runRounds } from '../run/rounds.ts'
import type { Entry } from '../run/rounds.ts'
import type { Stage } from '../run/stage.ts'
import type { TargetId } from '../targets.ts'
import { SessionHouse, sessionsOf } from './sessions/session-house.ts'
import { startValkey } from './sessions/valkey.ts'
import type { Suite } from './suite.ts'

const nameOf = (store: string): string => `Gatehouse, session, ${store}`
const judged: readonly (readonly [TargetId, string])[] = [
  ['session.sqlite', nameOf('SQLite')],
  ['session.valkey', nameOf('Valkey')],
]

export const sessionsSuite: Suite = {
  name: 'sessions',
  about: 'a session cookie instead of a token, on SQLite and Valkey, beside the bare proxy over mTLS',
  cases: { sqlite: 24, valkey: 14 },
  run: runSessions,
}

async function runSessions(stage: Stage): Promise<Results> {
  const entries: Entry[] = []
  const wanted = stage.begin('sqlite', 'valkey')
  if (wanted.includes('sqlite')) entries.push(...(await onSqlite(stage)))
  if (wanted.includes('valkey')) entries.push(...(await onValkey(stage, entries.length === 0)))
  if (entries.length === 0) return new Map()
  const title = `Session cookie, ${sessionsOf(stage)} sessions in rotation, mTLS upstream`
  const samples = await runRounds(stage, { name: title, entries })
  return new Map([['sessions', sessionsResult(title, samples)]])
}

function sessionsResult(title: string, samples: Samples): SuiteResult {
  const rows = rated(samples, bareProxy.name)
  return {
    tables: [ratesTable(`${title} (bare http-proxy = 1)`, rows)],
    plots: [ratesBars('sessions', title, 'requests per second, bare http-proxy = 1', rows, 'Gatehouse')],
    reached: judged.flatMap(([target, name]) => reachedBy(target, ratioOf(samples, name, bareProxy.name))),
    wrong: wrongOf(samples),
    data: { sessions: rows },
  }
}

async function onSqlite(stage: Stage): Promise<readonly Entry[]> {
  const house = await SessionHouse.open(stage, 'sessions', undefined)
  return [await house.bareEntry(), await house.entry(nameOf('SQLite'), [])]
}

async function onValkey(stage: Stage, isAlone: boolean): Promise<readonly Entry[]> {
  const valkey = await startValkey(stage)
  if (valkey === undefined) return []
  const house = await SessionHouse.open(stage, 'sessions-valkey', valkey.url)
  const entry = await house.entry(nameOf('Valkey'), [valkey.child])
  return isAlone ? [await house.bareEntry(), entry] : [entry]
}
