import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { benchFile } from '../run/bench-file.ts'
import type { Table } from './result.ts'

const Profile = Type.Object({
  nodes: Type.Array(
    Type.Object({
      id: Type.Number(),
      callFrame: Type.Object({ functionName: Type.String(), url: Type.String(), lineNumber: Type.Number() }),
    }),
  ),
  samples: Type.Array(Type.Number()),
  timeDeltas: Type.Array(Type.Number()),
})
const shown = 40

/** The functions in which each profiled process spent its own time, idle time left out. */
export function profileTables(dir: string): readonly Table[] {
  const files = readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'))
  return files.map((name) =>
    profileTable(name, Value.Parse(Profile, JSON.parse(readFileSync(join(dir, name), 'utf8')))),
  )
}

function profileTable(name: string, profile: Type.Static<typeof Profile>): Table {
  const places = new Map(profile.nodes.map((node) => [node.id, placeOf(node.callFrame)]))
  const self = new Map<string, number>()
  profile.samples.forEach((id, index) => {
    const place = places.get(id) ?? 'unknown'
    self.set(place, (self.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0))
  })
  self.delete('(idle)')
  const total = [...self.values()].reduce((sum, time) => sum + time, 0)
  const top = [...self].toSorted(([, a], [, b]) => b - a).slice(0, shown)
  return {
    title: `Profile ${name}: share of busy JavaScript time, by function`,
    columns: ['function', 'share'],
    rows: top.map(([place, time]) => [place, `${((time / total) * 100).toFixed(1)} %`]),
    notes: [],
  }
}

function placeOf(frame: { functionName: string; url: string; lineNumber: number }): string {
  if (frame.url === '') return frame.functionName
  const path = frame.url.startsWith('file:')
    ? fileURLToPath(frame.url).replace(`${benchFile('..')}/`, '')
    : frame.url
  return `${frame.functionName === '' ? '(anonymous)' : frame.functionName} ${path}:${frame.lineNumber + 1}`
}
