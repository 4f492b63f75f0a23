import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { benchFile } from '../../bench/run/bench-file.ts'
import { targetIds } from '../../bench/targets.ts'
import type { TargetId } from '../../bench/targets.ts'

const timeoutMs = 90_000

const Latest = Type.Object({
  pace: Type.Literal('tiny'),
  machine: Type.Object({ cpu: Type.String(), node: Type.String(), commit: Type.String() }),
  targets: Type.Array(
    Type.Object({
      id: Type.String(),
      reached: Type.Union([Type.Number(), Type.Null()]),
      met: Type.Boolean(),
    }),
  ),
})
const Suite = Type.Object({
  cases: Type.Record(
    Type.String(),
    Type.Object({
      tables: Type.Array(
        Type.Object({
          columns: Type.Array(Type.String()),
          rows: Type.Array(Type.Array(Type.String())),
          notes: Type.Array(Type.String()),
        }),
      ),
      data: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
})

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `npm run bench -- <args>`, until it ends. */
export async function benchCommand(args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const child = execFile(
    process.execPath,
    [benchFile('main.ts'), ...args],
    { timeout: timeoutMs },
    (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
  )
  return promise
}

/** One suite as small as it gets: it ends well, reaches these targets, and no answer is wrong. */
export async function smoke(
  t: Test,
  suite: string,
  cases: readonly string[],
  reached: readonly TargetId[],
): Promise<void> {
  const out = t.testdir()
  const only = cases.flatMap((id) => ['--only', id])
  const { code, stdout, stderr } = await benchCommand([suite, ...only, '--tiny', '--out', out])
  t.equal(code, 0, `ends well${code === 0 ? '' : `: ${stderr}\n${stdout}`}`)
  t.match(stderr, /^Plan: about .* minutes \(tiny\)/)
  const read = (name: string): unknown => JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8'))
  const latest = Value.Parse(Latest, read('latest'))
  t.same(
    latest.targets.map(({ id }) => id),
    targetIds,
    'every target is told',
  )
  const found = latest.targets.filter((target) => target.reached !== null).map(({ id }) => id)
  t.same(found.toSorted(), reached.toSorted(), 'what was measured is reached, and nothing else')
  for (const { tables, data } of Object.values(Value.Parse(Suite, read(suite)).cases)) {
    t.ok(Object.keys(data).length > 0)
    for (const { columns, rows, notes } of tables) {
      t.ok(rows.length > 0 && rows.every((row) => row.length === columns.length))
      const wrong = columns.indexOf('wrong')
      if (wrong >= 0) t.same(new Set(rows.map((row) => row[wrong])), new Set(['0']), 'no answer is wrong')
      t.notOk(notes.some((note) => note.startsWith('WRONG')))
    }
  }
}
