#!/usr/bin/env node
// Plain JavaScript, so that an older Node can still read it and say what is wrong.
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import { cacheDir, completed } from './compiled.cjs'

const needed = 24
const major = Number(process.versions.node.split('.')[0])

if (major < needed) {
  console.error(`gatehouse: Node ${needed} or newer is needed, this is Node ${process.versions.node} (${process.execPath})
  On Linux (x64, arm64) \`npm ci\` brings one: use \`npm start\` and \`npm run -s cli -- <command>\`.
  Elsewhere install Node ${needed} from https://nodejs.org and run this again.`)
  process.exitCode = 1
} else {
  // start/compile-cache.ts says when it is there.
  if (existsSync(completed)) module.enableCompileCache(cacheDir)
  module.createRequire(import.meta.url)('./use-places.cjs')
  try {
    const { main } = await import('./main.ts')
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    if (!isNotInstalled(error)) throw error
    console.error(
      `gatehouse: ${error.message}\n  \`npm ci\` installs what it runs on: run that first, to its end`,
    )
    process.exitCode = 1
  }
}

/** A package, not a file of our own. */
function isNotInstalled(error) {
  return error?.code === 'ERR_MODULE_NOT_FOUND' && error.message.startsWith('Cannot find package ')
}
