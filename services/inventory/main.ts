import { runPart } from '@gatehouse/kit'
import { start } from './start.ts'

await runPart('inventory', start)
