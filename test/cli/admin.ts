import { join } from 'node:path'
import { main } from '../../cli/main.ts'
import { startPlatform, type Platform } from '../harness/index.ts'
import type { Finished } from '../harness/run-cli.ts'

export type Cli = (line: string, input?: string | readonly Uint8Array[]) => Promise<Finished>

/** A command line in this process: what a person types, sees and gets back. */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string | readonly Uint8Array[] = '',
): Promise<Finished> {
  let out = ''
  let err = ''
  const terminal = {
    out: (text: string) => void (out += `${text}\n`),
    err: (text: string) => void (err += `${text}\n`),
    isTTY: false,
    input: (async function* () {
      for (const chunk of typeof input === 'string' ? [input] : input) yield await Promise.resolve(chunk)
    })(),
  }
  const code = await main(args, { terminal, env })
  return { code, out, err }
}

/** A command line for a running IdP. */
export async function cliFor(
  t: { teardown(run: () => Promise<void>): unknown },
  only: readonly ('idp' | 'gateway')[] = ['idp'],
): Promise<{ readonly platform: Platform; readonly cli: Cli }> {
  const platform = await startPlatform({ only, t })
  const { paths, portBase } = platform
  const env = {
    GATEHOUSE_DATA: paths.dir,
    GATEHOUSE_PORT_BASE: String(portBase),
    GATEHOUSE_CONFIG: join(paths.dir, 'gatehouse.yaml'),
  }
  return { platform, cli: (line, input) => runHere(line.split(' '), env, input) }
}

/** The objects that a command with --json printed. */
export function jsonLines({ out }: Finished): readonly unknown[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}
