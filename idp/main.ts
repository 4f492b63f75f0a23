import { runPart } from '@gatehouse/kit/lifecycle'
import { start } from './start.ts'

// Loaded without being run by cli/start/warm-up.ts.
if (import.meta.main) await runPart('idp', start)
