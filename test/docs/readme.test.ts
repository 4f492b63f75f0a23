import { execFile, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { root } from '../harness/sources.ts'

const run = promisify(execFile)
const readme = readFileSync(join(root, 'README.md'), 'utf8')
/** CI has it. */
const isThere = process.env['CI'] !== undefined || spawnSync('curl', ['--version']).error === undefined
const skip = !isThere && 'curl is not installed'

t.test('the three lines of the README, pasted, answer 200', { skip }, async (t) => {
  const platform = await startPlatform({ t })
  const [, lines = ''] = /```sh\n([\s\S]*?)```/.exec(readme) ?? []
  t.equal(lines.trim().split('\n').length, 3)
  const here = lines
    .replaceAll('.data/credentials.json', platform.paths.credentials)
    .replaceAll('http://localhost:3000', platform.url('gateway'))
    .replaceAll('http://localhost:3001', platform.url('idp'))
  const { stdout } = await run('sh', ['-c', here], { timeout: 120_000 })
  t.match(stdout, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(stdout, '"sku":"oak-stool"')
})

t.test('every link of the README and the pages leads somewhere', async (t) => {
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })]
  t.ok(pages.length > 5)
  for (const page of pages) {
    const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)
    for (const [, target = ''] of links) {
      t.ok(existsSync(join(root, page, '..', target)), `${page}: ${target}`)
    }
  }
})

t.test('no row has fallen out of its table', async (t) => {
  for (const page of ['README.md', ...globSync('docs/**/*.md', { cwd: root })]) {
    const text = readFileSync(join(root, page), 'utf8').replaceAll(/^( *```)[\s\S]*?^\1/gm, '')
    const alone = text.matchAll(/(?:^|\n\n)(\|.*)\n(?!\|[\s:|-]+\n)/g)
    for (const [, row = ''] of alone) t.fail(`${page}: ${row.slice(0, 60)}`)
  }
})

t.test('every file that docs/architecture.md names is there', async (t) => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const named = [...page.matchAll(/`((?:kit|idp|gateway|services|cli|test)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  )
  t.ok(named.length > 40, `${named.length} names`)
  t.same(
    named.filter((path) => !existsSync(join(root, path))),
    [],
  )
})
