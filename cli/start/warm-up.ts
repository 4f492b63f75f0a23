import { writeFileSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { root } from '../settings.ts'
import { cacheDir, completed } from './compile-cache.ts'
import { folders } from './parts.ts'

// A process of its own: loads what the parts load and runs none of it, so that Node has it compiled (compile-cache.ts).
process.once('disconnect', () => process.exit(1))
enableCompileCache(cacheDir)
await import('./house.ts')
await import('./prepare.ts')
for (const folder of Object.values(folders)) await import(join(root, folder, 'start.ts'))
flushCompileCache()
writeFileSync(completed, '')
process.exit(0)
