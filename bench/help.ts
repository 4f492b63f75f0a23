import { suiteNames, suites } from './suites.ts'

export function helpText(): string {
  const width = Math.max(...suiteNames.map((name) => name.length))
  const cases = (name: (typeof suiteNames)[number]): string => Object.keys(suites[name].cases).join(', ')
  return `Side-by-side benchmarks of Gatehouse.

  npm run bench                      every suite and every target, under 10 minutes
  npm run bench -- gateway idp       only these
  npm run bench -- --quick           a short look: the figures are rough
  npm run bench -- --thorough        longer warm-ups and many more rounds, at most 40 minutes
  npm run bench -- --minutes 30      as many rounds as fit into so much time
  npm run bench -- growth            every size, to a million rows; a run of all suites has time for two sizes
  npm run bench -- growth --rows 100000        at most so many rows
  npm run bench -- gateway --only mtls         only cases whose id contains this; the ids are below
  npm run bench -- gateway --only memory --soak 10m   how long memory is watched
  npm run bench -- --realtime        as root on a busy machine: what is measured comes first on its core
  npm run bench -- --profile DIR     CPU profiles of Gatehouse's processes into DIR (they cost speed)
  npm run bench -- --out DIR         results into DIR, nothing into bench/results and docs/performance.md
  npm run bench -- --tiny            whether the bench works: its figures mean nothing

Suites:
${suiteNames.map((name) => `  ${name.padEnd(width)}  ${suites[name].about}\n  ${''.padEnd(width)}  cases: ${cases(name)}`).join('\n')}

Results are printed, and written to bench/results: latest.json, one JSON file for each suite, SVG plots; the table of
targets in docs/performance.md is written anew. That page tells how to read them. The bench ends with 1 when an answer
was wrong or a case failed; a target that was missed is no fault of the run.
`
}
