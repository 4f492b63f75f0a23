import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import type { Test } from 'tap'
import { freePort } from './ports.ts'

export interface Postgres {
  /** Of the database `postgres`. */
  readonly url: string
  /** Makes an empty database. @returns its URL. */
  createDatabase(): Promise<string>
  stop(): Promise<void>
}

interface Account {
  readonly uid: number
  readonly gid: number
}

const binariesRoot = '/usr/lib/postgresql'
const readyWithinMs = 20_000
const run = promisify(execFile)

// The pipe to a test that was killed closes all the same, so that no server stays behind.
const untilStdinEnds = '"$@" & pid=$!; cat > /dev/null; kill -INT $pid; wait $pid; rm -rf "$0"'

/** Starts a real PostgreSQL server in a temporary folder; undefined when this machine has none. */
async function startPostgres(): Promise<Postgres | undefined> {
  const binaries = binariesFolder()
  if (binaries === undefined) return undefined
  const account = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pg-'))
  if (account !== undefined) chownSync(folder, account.uid, account.gid)
  const as = { ...account, cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' } }
  const data = join(folder, 'data')
  const port = await freePort()
  await run(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'gatehouse', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    as,
  )
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
  ]
  const flags = settings.flatMap((setting) => ['-c', setting])
  const command = [join(binaries, 'postgres'), '-D', data, ...flags]
  const server = spawn('/bin/sh', ['-c', untilStdinEnds, folder, ...command], {
    ...as,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const base = `postgres://gatehouse@127.0.0.1:${port}`
  await untilReady(`${base}/postgres`, server)
  let databases = 0
  return {
    url: `${base}/postgres`,
    async createDatabase() {
      databases += 1
      await query(`${base}/postgres`, `create database test_${databases}`)
      return `${base}/test_${databases}`
    },
    stop: () => ended(server),
  }
}

/** The server for a test file, stopped at its end. Without one the test is skipped with a reason; in CI it fails. */
export async function postgresFor(t: Test): Promise<Postgres | undefined> {
  const postgres = await startPostgres()
  if (postgres !== undefined) {
    t.teardown(() => postgres.stop())
    return postgres
  }
  const reason = `no PostgreSQL server in ${binariesRoot}/*/bin: nothing is tested on PostgreSQL`
  if (process.env['CI'] === undefined) t.comment(`SKIPPED: ${reason}`)
  else t.fail(reason)
  return undefined
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 15_000 })
  // A connection that the server closes tells so twice, the second time as an event.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

function binariesFolder(): string | undefined {
  if (!existsSync(binariesRoot)) return undefined
  const folders = readdirSync(binariesRoot).map((version) => join(binariesRoot, version, 'bin'))
  return folders.toSorted().findLast((folder) => existsSync(join(folder, 'initdb')))
}

// PostgreSQL refuses to run as root.
function unprivileged(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('neither "postgres" nor "nobody" exists to run PostgreSQL as')
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  for (;;) {
    try {
      return void (await query(url, 'select 1'))
    } catch (error) {
      if (Date.now() > deadline || server.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function ended(server: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => server.once('exit', resolve))
  server.stdin?.end()
  await exit
}
