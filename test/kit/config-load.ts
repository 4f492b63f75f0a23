import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { ConfigError, loadConfig, type ConfigFault } from '@gatehouse/kit/config/load'
import type { Config } from '@gatehouse/kit/config/types'

export const dir = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))

export type Env = Readonly<Record<string, string | undefined>>

/** Loads a configuration from text, with 3000 as port base. */
export function load(text: string, env: Env = {}): Config {
  const file = join(dir, 'gatehouse.yaml')
  writeFileSync(file, text)
  return loadConfig({ file, dataDir: join(dir, 'data'), portBase: 3000, env })
}

/** The faults of a configuration that must not load. */
export function faultsOf(text: string, env: Env = {}): readonly ConfigFault[] {
  try {
    load(text, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  throw new Error('the configuration loaded, and must not')
}

/** A small valid configuration; the lines given replace those of the one route and the one upstream. */
export function withRoute(...lines: readonly string[]): string {
  return ['routes:', '  - id: things', ...lines.map((line) => `    ${line}`), ...upstream].join('\n')
}

export const upstream = ['upstreams:', '  things: { targets: [https://localhost:9000], identity: things }']

export const validRoute = [
  'match: { path: /things, methods: [GET] }',
  'authn: [bearer]',
  'authz: { scopes: [things:read] }',
  'token: { scopes: [things:read] }',
  'upstream: things',
]

type Expected = readonly [line: number, column: number, path: string, message: RegExp]

/** Exactly these faults, in the order of the file. */
export function expectFaults(t: Test, text: string, expected: readonly Expected[]): void {
  const faults = faultsOf(text)
  t.strictSame(
    faults.map(({ line, column, path }) => [line, column, path]),
    expected.map(([line, column, path]) => [line, column, path]),
    faults.map((fault) => fault.message).join('; '),
  )
  for (const [index, [, , path, message]] of expected.entries())
    t.match(faults[index]?.message, message, path)
}

/** The valid route with some of its lines replaced, by their first word. */
export function changed(...lines: readonly string[]): string {
  const words = lines.map((line) => line.split(':')[0])
  return withRoute(...validRoute.filter((line) => !words.includes(line.split(':')[0])), ...lines)
}
