import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configSchema } from '@gatehouse/kit/config/schema'
import t from 'tap'
import { root } from '../harness/sources.ts'
import { configurationTable } from './configuration-table.ts'

const file = join(root, 'docs/configuration.md')
const start = '<!-- from kit/config/schema.ts; GATEHOUSE_WRITE_DOCS=1 tap test/docs/*.test.ts writes it -->\n'
const end = '\n<!-- end -->'

t.test('docs/configuration.md has every key, as the schema says it', async (t) => {
  const page = readFileSync(file, 'utf8')
  const [before = '', rest = ''] = page.split(start)
  const after = rest.slice(rest.indexOf(end))
  const table = configurationTable(configSchema)
  t.ok(table.split('\n').length > 40, 'there are keys')
  t.match(
    table,
    /`upstreams\.<name>\.concurrency\.max` \| [^|]*1 to 100000 \| `256` \|/,
    'numbers have defaults, too',
  )
  t.match(table, /`routes\[\]\.stream` \| [^|]* \| `false` \|/)
  const expected = `${before}${start}${table}${after}`
  if (process.env['GATEHOUSE_WRITE_DOCS'] !== undefined) writeFileSync(file, expected)
  t.equal(readFileSync(file, 'utf8'), expected)
})
