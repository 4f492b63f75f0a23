import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './sources.ts'

export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs one command line to its end, with nothing of this process's environment but PATH. */
export function runCli(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly node?: string } = {},
): Promise<Finished> {
  const child = spawn(options.node ?? process.execPath, [join(root, 'cli/bin.mjs'), ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
}
