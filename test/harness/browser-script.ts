import { readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import prettier from 'prettier'
import { root } from './sources.ts'

/** What the gateway serves of kit/browser.ts: the same without its types. */
export const servedScript = join(root, 'gateway/web/assets/gatehouse.js')

/** `node test/harness/browser-script.ts` writes it anew. */
export async function browserScript(): Promise<string> {
  const source = readFileSync(join(root, 'kit/browser.ts'), 'utf8')
  const options = await prettier.resolveConfig(servedScript)
  const plain = await prettier.format(stripTypeScriptTypes(source), { ...options, filepath: servedScript })
  // Where a type was, an empty line is left.
  return plain.replaceAll(/\n{2,}(?=\n)/g, '\n')
}

if (import.meta.main) writeFileSync(servedScript, await browserScript())
