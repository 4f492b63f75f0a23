import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { pack } from '../../cli/start/pack.ts'

const load = createRequire(import.meta.url)
const urlOf = (file: string) => pathToFileURL(file).href

t.test('modules in one piece are what they are in many', (t) => {
  const dir = t.testdir({
    'package.json': '{}',
    'main.js': `
      'use strict'
      const { count } = require('./deep/count.js')
      exports.first = count()
      exports.again = () => require("./deep/count.js").count()
      exports.isOwn = this === exports
      exports.kind = new (require('./kind.js'))()`,
    'kind.js': 'module.exports = class Kind {}',
    deep: {
      'count.js': `
        const main = require('../main.js')
        let n = 0
        exports.count = () => ++n
        exports.sawMain = () => main.first`,
    },
  })
  const [main, count, kind] = ['main.js', 'deep/count.js', 'kind.js'].map((name) => urlOf(join(dir, name)))
  const standIns = pack(join(dir, 'one'), [main ?? '', count ?? '', kind ?? ''])
  const one = (url = ''): unknown => load(new URL(standIns.get(url) ?? '').pathname)
  const packed: unknown = one(main)
  t.match(packed, { first: 1, isOwn: true })
  t.match(one(count), { sawMain: Function })
  const { again, kind: made }: { again: () => number; kind: unknown } = load(
    new URL(standIns.get(main ?? '') ?? '').pathname,
  )
  t.equal(again(), 2, 'each module is run once')
  const Kind: new () => unknown = load(new URL(standIns.get(kind ?? '') ?? '').pathname)
  t.ok(made instanceof Kind)
  t.end()
})

t.test('a package that asks for others, or for what only shows when it runs, stays as it is', (t) => {
  const dir = t.testdir({
    'a.js': "require('node:fs')",
    'b.js': "require('./c.js')",
    'c.js': 'require(name)',
  })
  for (const name of ['a.js', 'b.js']) {
    t.equal(pack(join(dir, 'one'), [urlOf(join(dir, name))]).size, 0, name)
    t.notOk(existsSync(join(dir, 'one')))
  }
  t.end()
})

t.test('Kysely is of the kind that can be packed, and exports the same', (t) => {
  const folder = dirname(load.resolve('kysely'))
  const files = ['kysely.js', 'dialect/sqlite/sqlite-dialect.js', 'raw-builder/sql.js'].map((name) =>
    join(folder, name),
  )
  const standIns = pack(t.testdir(), files.map(urlOf))
  for (const file of files) {
    const real: object = load(file)
    const packed: object = load(new URL(standIns.get(urlOf(file)) ?? '').pathname)
    t.not(packed, real)
    t.same(Object.keys(packed), Object.keys(real))
  }
  t.end()
})
