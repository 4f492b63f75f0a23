import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../../harness/sources.ts'
import { connect } from './table-connect.ts'
import { national } from './table-fapi-national.ts'
import { fapi } from './table-fapi.ts'

t.test('each module of the public plans has its own test of ours, or says why not', async (t) => {
  const all = Object.values({ ...connect, ...fapi, ...national }).flatMap((plan) => Object.entries(plan))
  t.ok(all.length > 100, `${all.length} modules`)
  const text = new Map<string, string>()
  for (const [name, counterpart] of all) {
    if ('open' in counterpart) {
      t.ok(counterpart.open.length > 10, name)
      continue
    }
    const { file, test } = counterpart
    const source = text.get(file) ?? readFileSync(join(root, 'test/idp', file), 'utf8')
    text.set(file, source)
    t.ok(source.includes(`'${test}'`), `${name}: there is a test "${test}" in ${file}`)
  }
})
