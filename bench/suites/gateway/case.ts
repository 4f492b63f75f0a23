import { join } from 'node:path'
import { connections } from '../../contestants/cast.ts'
import type { Cast } from '../../contestants/cast.ts'
import type { Contestant } from '../../contestants/contestant.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import type { Algorithm } from '../../run/issuer.ts'
import { runRounds } from '../../run/rounds.ts'
import type { Entry, Sample } from '../../run/rounds.ts'
import type { Stage } from '../../run/stage.ts'
import { bareProxy } from '../../contestants/bare-proxy.ts'
import { gatehouse } from '../../contestants/gatehouse.ts'
import { payloadPath } from '../../upstream/payload.ts'
import type { PayloadSize } from '../../upstream/payload.ts'

const tokenKinds = { hot: 1, rotation: 10_000, new: 90_000 } as const
type TokenKind = keyof typeof tokenKinds
const fewTokens = 100
const [base, own] = [bareProxy.name, gatehouse.name]

/** How many tokens a case rotates; for a look at the shape of the results as few as do. */
export function tokensOf(kind: TokenKind, { pace }: Stage): number {
  return pace.name === 'tiny' ? Math.min(fewTokens, tokenKinds[kind]) : tokenKinds[kind]
}

/** One comparison: who, before which upstream, with which tokens and how large an answer. */
export interface GatewayCase {
  readonly id: string
  readonly title: string
  readonly secure: boolean
  readonly tokens: TokenKind
  readonly size: PayloadSize
  readonly contestants: readonly Contestant[]
}

/**
 * Rounds of a case whose tokens come again after seconds, in ordinary rounds, and the load before each of them. Under a load that goes
 * on, every token comes again within a second or two; while others have their turn all that is kept for seconds runs out, and
 * an ordinary round would be over before each has come once.
 */
const roundsOfRotation = 2.5

/** The gateway keeps the proof of a token that comes again, and a token of its own for one that comes a third time. */
const usesUntilCached = 3

export async function entryFor(
  stage: Stage,
  cast: Cast,
  of: GatewayCase,
  contestant: Contestant,
): Promise<Entry | undefined> {
  const running = await cast.get(contestant, of.secure)
  if (running === undefined) return undefined
  const host = `${running.host}:${running.port}`
  const requests = requestsFile(stage, of, contestant.checks ?? 'ES256', host)
  return {
    name: contestant.name,
    child: running.child,
    native: contestant.native ?? false,
    ...(rotates(of) ? { fill: usesUntilCached * tokensOf('rotation', stage) } : {}),
    servants: [cast.upstream(of.secure).child],
    job: {
      host: running.host,
      port: running.port,
      requests,
      connections,
      expect: { status: 200, body: stage.bodyFile(of.size) },
      ...(rotates(of) ? { lead: secondsOfRotation(stage) } : {}),
    },
  }
}

/** @param rivals names of those that Gatehouse has targets beside; the others get fewer rounds. */
export async function runCase(
  stage: Stage,
  cast: Cast,
  of: GatewayCase,
  rivals: readonly string[],
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const entries: Entry[] = []
  for (const contestant of of.contestants) {
    const entry = await entryFor(stage, cast, of, contestant)
    if (entry !== undefined) entries.push(entry)
  }
  const isJudged = (name: string): boolean => [base, own, ...rivals].includes(name)
  const marked = entries.map((entry) => ({ ...entry, side: !isJudged(entry.name) }))
  const seconds = rotates(of) ? secondsOfRotation(stage) : stage.pace.roundSeconds
  return runRounds(stage, { name: of.title, entries: marked, side: rivals.length === 0, seconds })
}

function rotates({ tokens }: GatewayCase): boolean {
  return tokens === 'rotation'
}

function secondsOfRotation({ pace }: Stage): number {
  return pace.roundSeconds * roundsOfRotation
}

function requestsFile(stage: Stage, of: GatewayCase, algorithm: Algorithm, host: string): string {
  const name = `requests-${of.tokens}-${algorithm}-${of.size}-${host.replace(':', '-')}`
  return stage.once(name, () => {
    const tokens = stage.tokens(of.tokens, algorithm, tokensOf(of.tokens, stage))
    const requests = tokens.map((token) =>
      requestText({ path: payloadPath(of.size), host, headers: { authorization: `Bearer ${token}` } }),
    )
    return writeRequests(join(stage.dir, name), requests)
  })
}
