import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const anyRequire = /\brequire\(/
const nearRequire = /\brequire\(["'](\.{1,2}\/[^"']+)["']\)/g

/** Before the modules: each is run when it is needed first, as Node does. */
const linker = `'use strict'
const made = []
function need(index) {
  const known = made[index]
  if (known !== undefined) return known.exports
  const module = (made[index] = { exports: {} })
  modules[index].call(module.exports, module.exports, module)
  return module.exports
}
module.exports = need
`

/**
 * Writes CommonJS modules of a package, and all of it that they need, into one file: 210 small modules cost Node three times
 * what one large one costs. For packages that ask for their own modules only, by name.
 * @param dir is made, and gets all that is written.
 * @param urls the modules that others ask for.
 * @returns what to load instead of each of them; nothing when the package is not of that kind.
 */
export function pack(dir: string, urls: readonly string[]): ReadonlyMap<string, string> {
  const indexes = new Map<string, number>()
  const texts: string[] = []
  const add = (file: string): number => {
    const known = indexes.get(file)
    if (known !== undefined) return known
    const index = indexes.size
    indexes.set(file, index)
    texts[index] = readFileSync(file, 'utf8').replaceAll(
      nearRequire,
      (_, near: string) => `need(${add(join(dirname(file), near))})`,
    )
    return index
  }
  const entries = urls.map((url) => [url, add(fileURLToPath(url))] as const)
  if (texts.some((text) => anyRequire.test(text))) return new Map()
  mkdirSync(dir, { recursive: true })
  const functions = texts.map((text) => `function (exports, module) {\n${text}\n}`)
  writeFileSync(join(dir, 'all.cjs'), `${linker}const modules = [\n${functions.join(',\n')}\n]\n`)
  return new Map(entries.map(([url, index]) => [url, standIn(dir, index)]))
}

/** Loads it too, so that what is run of it is compiled like the rest. */
function standIn(dir: string, index: number): string {
  const file = join(dir, `${index}.cjs`)
  writeFileSync(file, `module.exports = require('./all.cjs')(${index})\n`)
  createRequire(import.meta.url)(file)
  return pathToFileURL(file).href
}
