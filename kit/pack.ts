/**
 * Makes the package that other projects install: `node kit/pack.ts [folder]` compiles what a service needs, and what it
 * imports, to JavaScript and declarations, and packs that with a manifest of its own. Not a `prepack` script: that would
 * have to rewrite `exports` in this folder's manifest, from which everything in the repository runs meanwhile; the one
 * there is refuses.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What can be imported, as `@gatehouse/kit/<entry>`; `index` is the package itself. */
const entries = [
  'index',
  'testing',
  'browser',
  'schema',
  'conforms',
  'guard/caller',
  'guard/fastify',
  'guard/fetch',
  'guard/guard',
  'guard/node',
  'mtls/live',
  'mtls/tls',
  'secrets',
  'service/internal-keys',
  'store/open',
  'tokens/internal',
  'tokens/jwks-client',
] as const

/** Installed with it: what every service loads. */
const needed = ['fastify', 'pino', 'undici']
/** Loaded by those entries alone that are named here: the project that uses one installs them. */
const optional = ['kysely', 'pg']

const kit = fileURLToPath(new URL('.', import.meta.url))
const root = resolve(kit, '..')
const staging = mkdtempSync(join(tmpdir(), 'gatehouse-kit-'))
try {
  compile()
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
  cpSync(join(kit, 'README.md'), join(staging, 'README.md'))
  const args = ['pack', staging, '--pack-destination', resolve(process.argv[2] ?? '.'), '--loglevel=error']
  execFileSync('npm', args, { stdio: 'inherit' })
} finally {
  rmSync(staging, { recursive: true, force: true })
}

function compile(): void {
  const options = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      rootDir: kit,
      outDir: join(staging, 'dist'),
      // Node 22 has no `using`.
      target: 'es2023',
      declaration: true,
      rewriteRelativeImportExtensions: true,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [],
    files: entries.map((entry) => join(kit, `${entry}.ts`)),
  }
  const file = join(staging, 'tsconfig.json')
  writeFileSync(file, JSON.stringify(options))
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', file], {
    stdio: 'inherit',
  })
  rmSync(file)
}

function manifest(): Record<string, unknown> {
  const own = record(readJson(join(kit, 'package.json')))
  const installed = record(record(readJson(join(root, 'package.json')))['dependencies'])
  const { name, version, description, license, type, engines } = own
  const versions = (of: readonly string[]) => Object.fromEntries(of.map((one) => [one, installed[one]]))
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    exports: Object.fromEntries(
      entries.map((entry) => [
        entry === 'index' ? '.' : `./${entry}`,
        { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` },
      ]),
    ),
    files: ['dist', 'README.md'],
    sideEffects: false,
    dependencies: versions(needed),
    peerDependencies: versions(optional),
    peerDependenciesMeta: Object.fromEntries(optional.map((one) => [one, { optional: true }])),
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  return { ...value }
}
