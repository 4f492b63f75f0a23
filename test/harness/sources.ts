import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A file of this repository and what it imports. */
export interface Source {
  /** From the root of the repository, with `/`. */
  readonly file: string
  readonly text: string
  /** A path from the root for our own files (`kit/errors.ts`), a bare specifier for packages. */
  readonly imports: readonly string[]
}

const specifier = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g

/** Reads all sources in a folder. Imports of types and dynamic ones with a literal count as well. */
export function sourcesIn(folder: string): readonly Source[] {
  const files = globSync(`${folder}/**/*.{ts,mjs,js}`, {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  })
  return files.toSorted().map((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const imports = [...text.matchAll(specifier)].map(([, found = '']) => resolveImport(file, found))
    return { file, text, imports }
  })
}

function resolveImport(file: string, found: string): string {
  const kit = '@gatehouse/kit'
  if (found.startsWith('.')) return normalize(join(dirname(file), found))
  if (found === kit) return 'kit/index.ts'
  return found.startsWith(`${kit}/`) ? `kit/${found.slice(kit.length + 1)}.ts` : found
}
