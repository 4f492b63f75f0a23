import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { installation, placesFile, usePlaces } from '../../cli/places.cjs'
import { root } from '../harness/sources.ts'

interface Loaded {
  /** All files but those of Kysely, sorted. */
  readonly modules: readonly string[]
  /** Those of Kysely. */
  readonly kysely: readonly string[]
  /** For how many of them Node had to look. */
  readonly looked: number
}

/** Loads the gateway in a process of its own, with the places of a file; undefined: without. */
function load(places: string | undefined, env: Readonly<Record<string, string>> = {}): Loaded {
  // Hooks are asked in the reverse order: what gets to these was not known.
  const script = `
    import { createRequire, registerHooks } from 'node:module'
    const modules = []
    let looked = 0
    registerHooks({
      resolve: (specifier, context, next) => (looked++, next(specifier, context)),
      load: (url, context, next) => {
        const loaded = next(url, context)
        if (url.startsWith('file:') && !url.includes('/cli/')) modules.push(url + ' ' + loaded.format)
        return loaded
      },
    })
    const file = ${JSON.stringify(places ?? null)}
    if (file !== null) createRequire('${root}')('./cli/places.cjs').usePlaces(process.env, file)
    await import('./gateway/start.ts')
    console.log(JSON.stringify({ modules, looked }))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    // tap's own hooks look for more.
    env,
  })
  if (stdout === '') throw new Error(stderr)
  const loaded: { readonly modules: readonly string[]; readonly looked: number } = JSON.parse(stdout)
  const { true: kysely = [], false: modules = [] } = Object.groupBy(loaded.modules.toSorted(), (module) =>
    String(/\/(node_modules|gatehouse)\/kysely/.test(module)),
  )
  return { modules, kysely, looked: loaded.looked }
}

// Whoever installed without scripts has none yet.
if (!existsSync(placesFile)) spawnSync(process.execPath, [join(root, 'cli/installed.mjs')])
const plain = load(undefined)

t.test('what is loaded is the same, and Node looks for almost nothing of it', (t) => {
  const quick = load(placesFile)
  t.ok(plain.modules.length > 500 && plain.looked > 500, 'it is much')
  t.same(quick.modules, plain.modules)
  t.ok(plain.kysely.length > 200)
  t.ok(quick.kysely.length < 10, 'Kysely in one piece (start/pack.ts)')
  t.ok(quick.looked < plain.looked / 20, `${quick.looked} of ${plain.looked}`)
  t.end()
})

t.test('nothing is noted by where the installation lies: it may be copied', (t) => {
  t.notOk(readFileSync(placesFile, 'utf8').includes(root))
  t.end()
})

t.test('places of another installation, or none, or no places at all, are not used', (t) => {
  const dir = t.testdir({ garbage: '{', empty: '' })
  const { places }: { places: unknown } = JSON.parse(readFileSync(placesFile, 'utf8'))
  const write = (name: string, of: string): string => {
    writeFileSync(join(dir, name), JSON.stringify({ of, places }))
    return join(dir, name)
  }
  t.ok(load(write('other', `${installation()}0`)).looked >= plain.looked)
  for (const name of ['garbage', 'empty', 'missing']) t.ok(load(join(dir, name)).looked >= plain.looked, name)
  t.ok(load(write('same', installation())).looked < plain.looked / 20)
  t.end()
})

t.test('who wants no cache of modules gets no places either', (t) => {
  t.ok(load(placesFile, { NODE_DISABLE_COMPILE_CACHE: '1' }).looked >= plain.looked)
  t.end()
})

t.test('the kit is where its package says', (t) => {
  const { exports }: { exports: unknown } = JSON.parse(readFileSync(join(root, 'kit/package.json'), 'utf8'))
  t.same(exports, { '.': './index.ts', './*': './*.ts' })
  t.end()
})

t.test('a file of ours that is not there is an error that names it', async (t) => {
  usePlaces({})
  const missing = './nothing-here.ts'
  await t.rejects(import(missing), { message: /nothing-here\.ts/ })
})

t.test('a test can still put something else in the place of a module', async (t) => {
  usePlaces({})
  const dir = t.testdir({
    'asks.ts': "import { word } from './knows.ts'\nexport const said: string = word",
    'knows.ts': "export const word = 'real'",
  })
  const file = join(dir, 'asks.ts')
  t.equal((await import(file)).said, 'real')
  const { said } = await t.mockImport(file, { [join(dir, 'knows.ts')]: { word: 'mocked' } })
  t.equal(said, 'mocked')
})
