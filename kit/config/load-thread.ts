import { parentPort, workerData } from 'node:worker_threads'
import { StartError } from '../errors.ts'
import { ConfigError } from './fault.ts'
import type { Loaded } from './load-aside.ts'
import { loadConfig, type LoadOptions } from './load.ts'

// A thread of its own (load-aside.ts). Errors lose their class on the way, so they are told as what they say.
parentPort?.postMessage(load(workerData), [])

function load(options: LoadOptions): Loaded {
  try {
    return { config: loadConfig(options) }
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults }
    if (error instanceof StartError) return { message: error.message, hint: error.hint }
    throw error
  }
}
