import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startRig, type Rig } from './rig.ts'

/** A gateway with one route that is held to an OpenAPI document. @param route YAML of one line each; @param more YAML besides. */
export function startContractRig(
  t: Test,
  document: object,
  route: readonly string[],
  more = '',
): Promise<Rig> {
  const file = join(t.testdir(), 'things.json')
  writeFileSync(file, JSON.stringify(document))
  const lines = [
    ...route,
    'authn: [bearer]',
    'authz: { scopes: [orders:read] }',
    'token: { scopes: [orders:read] }',
    'headers: { request: [x-kind] }',
    `contract: ${file}`,
    'upstream: orders',
  ]
  const config = `${more}routes:\n  - id: things\n${lines.map((line) => `    ${line}\n`).join('')}`
  return startRig(t, { config, contracts: true })
}
