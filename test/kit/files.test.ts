import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../harness/sources.ts'

const program = `
  import { replaceFile } from '@gatehouse/kit/prepare/files'
  replaceFile(process.argv[1], 'new'.repeat(2_000), 0o600)
`

t.test('a file that does not fit is not replaced by as much of it as does', (t) => {
  const dir = t.testdir({ 'ca.pem': 'old' })
  const file = join(dir, 'ca.pem')
  // As on a disk with little room left, the first write takes what fits and only the next one fails.
  const limited = `ulimit -f 2; exec "$0" --input-type=module-typescript -e "$1" "$2"`
  const ended = spawnSync('sh', ['-c', limited, process.execPath, program, file], {
    cwd: root,
    encoding: 'utf8',
  })
  t.match(ended.stderr, /EFBIG/)
  t.not(ended.status, 0)
  t.equal(readFileSync(file, 'utf8'), 'old')
  t.same(readdirSync(dir), ['ca.pem'], 'nothing is left over')
  t.end()
})
