import { writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { root } from '../settings.ts'
import { folders } from './parts.ts'

// A process of its own (compile-cache.ts): loads what the parts load and runs none of it, so that Node has it compiled.
process.once('disconnect', () => process.exit(1))
for (const folder of Object.values(folders)) await import(join(root, folder, 'start.ts'))
flushCompileCache()
const [, , completed] = process.argv
if (completed !== undefined) writeFileSync(completed, '')
process.exit(0)
