import { startPlatform } from '../../test/harness/index.ts'

// How long the harness of the tests takes, from the start of the process to all parts answering.

const platform = await startPlatform()
process.send?.({ type: 'ready', port: 0 })
process.on('message', () => void platform.stop().then(() => process.exit(0)))
process.on('disconnect', () => process.exit(0))
