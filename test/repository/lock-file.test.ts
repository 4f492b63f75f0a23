import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRecord } from '../harness/json.ts'
import { root } from '../harness/sources.ts'

t.test('the lock file names every optional package, also those of other systems', async (t) => {
  const lock: unknown = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const packages = isRecord(lock) && isRecord(lock['packages']) ? lock['packages'] : {}
  t.ok(Object.keys(packages).length > 300, 'there are packages')
  const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  const missing = Object.values(packages).flatMap((entry) => {
    const optional = isRecord(entry) ? entry['optionalDependencies'] : undefined
    return isRecord(optional) ? Object.keys(optional).filter((name) => !names.has(name)) : []
  })
  t.same(
    missing,
    [],
    '`npm ci` refuses such a lock file; a registry that lacks a package leaves it out of `npm install`',
  )
})
