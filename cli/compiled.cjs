'use strict'
// Where it is kept what Node has compiled and found, in plain JavaScript for whatever runs first.
const path = require('node:path')

const root = path.join(__dirname, '..')
/** Goes when `npm ci` replaces what it was made from. */
const cacheDir = path.join(root, 'node_modules/.cache/gatehouse')
/** There once everything is in it; by version, because another Node finds nothing in it that it could use. */
const completed = path.join(cacheDir, `complete-${process.version}`)

module.exports = { cacheDir, completed, root }
