import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { postgresFor } from '../../harness/postgres.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const parts = 6
/** They look into the file of SQLite. */
const ofSqlite = ['at-rest.test.ts']
/** What they ask is settled before anything is stored: by the head of a request, by the configuration, by the queue of hashes. */
const ofNoStore = ['behind-tls-proxy', 'forwarded', 'methods', 'pages', 'password-queue'].map(
  (name) => `${name}.test.ts`,
)
const without = new Set([...ofSqlite, ...ofNoStore])

/** All suites of the identity server that start it without saying on what; what it tells of itself depends on no store. */
function suites(): readonly string[] {
  return globSync('**/*.test.ts', { cwd: folder, exclude: ['on-postgres/**', 'discovery/**'] })
    .filter((file) => !without.has(file))
    .filter((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      return text.includes('startPlatform') && !text.includes('postgresFor')
    })
    .toSorted()
}

/** Runs every sixth of them, as they are, on PostgreSQL: the same files that run on SQLite by themselves. */
export async function runSuites(t: Test, part: number): Promise<void> {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  // What they write beside themselves (t.testdir) lies elsewhere than that of the run on SQLite.
  const cwd = mkdtempSync(join(tmpdir(), 'gatehouse-suites-'))
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
  const own = suites().filter((_, index) => index % parts === part)
  t.ok(own.length > 5, `${own.length} suites`)
  for (const file of own) {
    // oxlint-disable-next-line no-await-in-loop -- each takes a core
    const fault = await faultOf(join(folder, file), { cwd, url: postgres.url })
    t.equal(fault, undefined, `${file} on PostgreSQL`)
  }
}

function faultOf(
  file: string,
  { cwd, url }: { readonly cwd: string; readonly url: string },
): Promise<string | undefined> {
  const { PATH, CI, CHROMIUM_PATH } = process.env
  // Each loads what the one before has loaded.
  const { NODE_COMPILE_CACHE = join(cwd, 'compiled') } = process.env
  const env = { PATH, CI, CHROMIUM_PATH, GATEHOUSE_TEST_DATABASE: url, NODE_COMPILE_CACHE }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file],
      { cwd, env, timeout: 200_000, maxBuffer: 16 * 1024 * 1024 },
      (error, out) => {
        resolve(error === null ? undefined : (failuresIn(out) ?? error.message))
      },
    )
  })
}

function failuresIn(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => /^ *not ok /.test(line))
  return lines.length === 0 ? undefined : lines.join('\n')
}
