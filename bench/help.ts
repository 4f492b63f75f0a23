import { suiteNames, suites } from './suites.ts'

export function helpText(): string {
  const width = Math.max(...suiteNames.map((name) => name.length))
  return `Side-by-side benchmarks of Gatehouse.

  npm run bench                      every suite, under 10 minutes
  npm run bench -- gateway idp       only these
  npm run bench -- --quick           a short look: the figures are rough
  npm run bench -- --minutes 30      longer: more rounds, a longer watch on memory
  npm run bench -- growth            to a million rows, which a run of all suites has no time for
  npm run bench -- gateway --only mtls         only cases whose id contains this; the ids are below
  npm run bench -- gateway --only memory --soak 10m   how long memory is watched
  npm run bench -- --realtime        as root on a busy machine: what is measured comes first on its core
  npm run bench -- --profile DIR     CPU profiles of Gatehouse's processes into DIR (they cost speed)

Suites:
${suiteNames.map((name) => `  ${name.padEnd(width)}  ${suites[name].about}\n  ${''.padEnd(width)}  cases: ${suites[name].cases.join(', ')}`).join('\n')}

Results are printed, and written to bench/results: latest.json, one JSON file for each run's figures, SVG plots.
docs/performance.md tells how to read them.
`
}
