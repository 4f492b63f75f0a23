import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { benchFile } from './run/bench-file.ts'
import type { Cores } from './run/cores.ts'

const packages = [
  'fastify',
  '@fastify/http-proxy',
  'undici',
  'express',
  'http-proxy-middleware',
  'jsonwebtoken',
  'oidc-provider',
]

/** What the figures were measured on and with. */
export function describeMachine(cores: Cores): Readonly<Record<string, unknown>> {
  const [cpu] = os.cpus()
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    pinned:
      cores.contestant === undefined
        ? 'no'
        : `contestant on core ${cores.contestant}, load and upstream on core ${String(cores.load)}`,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    nginx: firstLine('nginx', ['-v']),
    haproxy: firstLine('haproxy', ['-v']),
    commit: firstLine('git', ['-C', benchFile('..'), 'rev-parse', '--short', 'HEAD']),
    packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  }
}

function firstLine(command: string, args: readonly string[]): string {
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return error === undefined ? ((stdout + stderr).split('\n')[0] ?? '') : 'absent'
}

function versionOf(name: string): string {
  const text = readFileSync(benchFile(`../node_modules/${name}/package.json`), 'utf8')
  return /"version": *"([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}
