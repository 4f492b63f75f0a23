import t from 'tap'
import { urlIn } from '../../cli/start/parts.ts'

t.test('modules are found in a folder of any name', async (t) => {
  for (const name of ['c#', 'what?', '100%', '%41', 'two words', 'ü']) {
    const folder = t.testdir({
      [name]: { idp: { 'main.ts': `export const found = ${JSON.stringify(name)}` } },
    })
    t.match(await import(urlIn(folder, name, 'idp', 'main.ts')), { found: name })
  }
})
