import { runPart } from '@gatehouse/kit/lifecycle'
import { start } from './start.ts'

await runPart('orders', start)
