import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/harness/ports.ts'
import { accepting } from '../contestants/program.ts'
import type { Child } from './child.ts'
import type { Stage } from './stage.ts'

const binariesRoot = '/usr/lib/postgresql'

export interface Postgres {
  readonly child: Child
  /** Of an empty database of that name, made by the call. */
  database(name: string): string
  stop(): Promise<void>
}

/** A PostgreSQL that syncs every commit, on the load's core. Undefined where there is none, with a printed line. */
export async function startPostgres(stage: Stage): Promise<Postgres | undefined> {
  const binaries = newestBinaries()
  if (binaries === undefined) {
    stage.progress.note(
      `skipped: PostgreSQL: no server in ${binariesRoot} (Debian: apt-get install postgresql)`,
    )
    return undefined
  }
  const account = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-pg-'))
  if (account !== undefined) chownSync(folder, account.uid, account.gid)
  const data = join(folder, 'data')
  execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '--no-sync'], {
    ...account,
    stdio: 'ignore',
    cwd: folder,
  })
  const port = await freePort()
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`]
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  const child = stage.spawn('postgres', join(binaries, 'postgres'), args, stage.cores.load, {}, { account })
  await accepting(port)
  const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'bench']
  return {
    child,
    database(name) {
      execFileSync(join(binaries, 'createdb'), [...connection, name], { stdio: 'ignore' })
      return `postgres://bench@127.0.0.1:${port}/${name}`
    },
    async stop() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function newestBinaries(): string | undefined {
  if (!existsSync(binariesRoot)) return undefined
  const folders = readdirSync(binariesRoot).map((version) => join(binariesRoot, version, 'bin'))
  return folders.toSorted().findLast((folder) => existsSync(join(folder, 'initdb')))
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}
