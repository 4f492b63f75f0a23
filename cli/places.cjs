'use strict'
// Where modules are. For each of a thousand imports Node asks the disk for the file, its real path and the package.json above
// it, which is a third of what loading takes. Our own imports say where the file is; those of packages were noted when
// they were installed (start/note-places.ts). CommonJS, because that is there before Node looks for the first ES module.
const { readFileSync, statSync } = require('node:fs')
const { isBuiltin, registerHooks } = require('node:module')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { cacheDir, root } = require('./compiled.cjs')

const rootUrl = pathToFileURL(`${root}/`).href
const kit = '@gatehouse/kit'
/** By version, because another Node may ask packages for other files. */
const placesFile = path.join(cacheDir, `places-${process.version}.json`)

/** Another one after each change of what is installed. */
function installation() {
  const { mtimeMs, size } = statSync(path.join(root, 'node_modules/.package-lock.json'))
  return `${mtimeMs}-${size}`
}

const here = root + path.sep

/**
 * What they are noted under: the same name can mean another file to `require` than to `import`. A path counts from the root,
 * so that the places of an installation are those of its copies, too.
 */
function noteOf(specifier, conditions) {
  const asked = specifier.startsWith(here) ? specifier.slice(root.length) : specifier
  return `${conditions.includes('require') ? 'require' : 'import'} ${asked}`
}

// Hooks are the process's, and so is this: each harness of a test asks for them.
let isUsed = false

/** Has this process find modules without looking for them. Where nothing fits, Node looks itself. */
function usePlaces(env = process.env, file = placesFile) {
  if (isUsed || env.NODE_DISABLE_COMPILE_CACHE !== undefined) return
  const noted = readPlaces(file)
  if (noted === undefined) return
  isUsed = true
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL, conditions } = context
      const place = isKnown(parentURL) ? placeOf(noted, specifier, parentURL, conditions) : undefined
      return place ?? next(specifier, context)
    },
  })
}

/** Behind a question mark, loaders ask for something else than the file has: those of tests for mocks, say. */
function isKnown(parent) {
  return parent !== undefined && parent.startsWith(rootUrl) && !parent.includes('?')
}

function placeOf(noted, specifier, parent, conditions) {
  if (isBuiltin(specifier)) {
    const url = specifier.startsWith('node:') ? specifier : `node:${specifier}`
    return { url, format: 'builtin', shortCircuit: true }
  }
  const file = parent.slice(rootUrl.length)
  const own = isOurs(file) ? ownPlace(specifier, parent) : undefined
  if (own !== undefined) return { url: own, format: 'module-typescript', shortCircuit: true }
  const place = member(member(noted, file), noteOf(specifier, conditions))
  return place === undefined ? undefined : { url: rootUrl + place[0], format: place[1], shortCircuit: true }
}

/** Of what was read, and of nothing that all objects have. */
function member(of, name) {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined
}

function isOurs(file) {
  return !file.startsWith('node_modules/')
}

/** `exports` of kit/package.json says the same of the kit. */
function ownPlace(specifier, parent) {
  if (specifier.startsWith('.'))
    return specifier.endsWith('.ts') ? new URL(specifier, parent).href : undefined
  if (!specifier.startsWith(kit)) return undefined
  if (specifier.length === kit.length) return `${rootUrl}kit/index.ts`
  return specifier[kit.length] === '/' ? `${rootUrl}kit/${specifier.slice(kit.length + 1)}.ts` : undefined
}

/** What start/note-places.ts wrote, unless it is of something else than what is installed now. */
function readPlaces(from) {
  try {
    const { of, places } = JSON.parse(readFileSync(from, 'utf8'))
    return of === installation() ? places : undefined
  } catch {
    return undefined
  }
}

module.exports = { installation, noteOf, placesFile, rootUrl, usePlaces }
