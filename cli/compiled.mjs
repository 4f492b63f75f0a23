// Where Node keeps what it has compiled, in plain JavaScript for bin.mjs and installed.mjs.
import { fileURLToPath } from 'node:url'

/** Goes when `npm ci` replaces what it was made from. */
export const cacheDir = fileURLToPath(new URL('../node_modules/.cache/gatehouse', import.meta.url))

/** There once everything is in it; by version, because another Node finds nothing in it that it could use. */
export const completed = `${cacheDir}/complete-${process.version}`
