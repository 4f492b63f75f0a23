import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../harness/sources.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const page = read('docs/services.md')

t.test('the page shows the examples as they are run', async (t) => {
  const files = [
    'python/service.py',
    'go/main.go',
    'java/pom.xml',
    'java/src/main/java/com/example/ledger/LedgerApplication.java',
    'java/src/main/resources/application.yaml',
  ]
  for (const file of files) t.ok(page.includes(read(`docs/examples/${file}`).trimEnd()), file)
})
