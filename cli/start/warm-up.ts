import { writeFileSync } from 'node:fs'
import { createRequire, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { root } from '../settings.ts'
import { cacheDir, completed } from '../compiled.cjs'
import { notePlaces } from './note-places.ts'
import { pack } from './pack.ts'
import { folders, urlIn } from './parts.ts'

// A process of its own, with NODE_COMPILE_CACHE set for all of it: loads what the parts load and runs none of it, so that
// Node has it compiled (compile-cache.ts) and knows where it is (../places.cjs).
process.once('disconnect', () => process.exit(1))
const places = notePlaces()
await import('../main.ts')
await import('./house.ts')
await import('./prepare.ts')
for (const folder of Object.values(folders)) await import(urlIn(root, folder, 'main.ts'))
await loadOnDemand()
const standIns = pack(join(cacheDir, `kysely-${process.version}`), places.requiredOf('kysely'))
flushCompileCache()
writeFileSync(completed, '')
// Last: what installed without npm has no places (../places.cjs), and goes without.
places.write(standIns)
process.exit(0)

/** What is loaded only when it is needed, and is needed at every start, or at the first. */
async function loadOnDemand(): Promise<void> {
  await import('@gatehouse/kit/lifecycle')
  await import('@gatehouse/kit/mtls/ca')
  // What a gateway with contracts has (gateway/contract/ajv.ts).
  createRequire(import.meta.url)('ajv/dist/2020.js')
  // With the first question to the IdP, and with the first token.
  await import(urlIn(root, 'gateway/sessions/idp-client.ts'))
  await import('@fastify/jwt')
  const { loadPostgresDialect } = await import('@gatehouse/kit/store/kysely')
  loadPostgresDialect()
  const { createLogger } = await import('@gatehouse/kit/log')
  const { createHttpServer } = await import('@gatehouse/kit/http/server')
  const app = createHttpServer({ log: createLogger({ name: 'warm-up', level: 'silent' }) })
  const anything = { type: 'object' }
  app.get('/', { schema: { querystring: anything, response: { 200: anything } } }, () => ({}))
  await app.ready()
}
