import type { Arguments } from './args.ts'
import { Plan } from './run/plan.ts'
import type { Pace } from './run/pace.ts'
import { suites } from './suites.ts'
import { placeOf, targetIds } from './targets.ts'

/** The cases that were asked for, with the time that each may take. */
export function planOf(args: Arguments, pace: Pace): { readonly plan: Plan; readonly text: string } {
  const places = targetIds.map(placeOf)
  const seconds = new Map<string, number>()
  const judged = new Set<string>()
  for (const suite of args.suites) {
    for (const [id, needed] of Object.entries(suites[suite].cases)) {
      if (!id.includes(args.only)) continue
      seconds.set(`${suite}.${id}`, needed)
      if (places.some((place) => place.suite === suite && [id, suite].includes(place.case)))
        judged.add(`${suite}.${id}`)
    }
  }
  const extra = args.soakSeconds ?? 0
  const plan = new Plan({
    seconds,
    judged,
    end: Date.now() + pace.minutes * 60_000 + extra * 1000,
    most: pace.most,
  })
  return { plan, text: planText(args, pace, plan) }
}

function planText(args: Arguments, pace: Pace, plan: Plan): string {
  const rows = args.suites.flatMap((suite) => {
    const cases = Object.keys(suites[suite].cases).map(
      (id) => [id, Math.round(plan.secondsOf(`${suite}.${id}`))] as const,
    )
    const parts = cases.filter(([, seconds]) => seconds > 0).map(([id, seconds]) => `${id} ${seconds}`)
    return parts.length === 0 ? [] : [`  ${suite.padEnd(10)}  ${parts.join(' · ')}`]
  })
  const minutes = (plan.expectedEnd - Date.now()) / 60_000
  return `Plan: about ${minutes.toFixed(1)} minutes (${pace.name}); seconds for each case:\n${rows.join('\n')}\n`
}
