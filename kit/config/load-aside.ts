import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { StartError } from '../errors.ts'
import { ConfigError, type ConfigFault } from './fault.ts'
import { loadConfig, type LoadOptions } from './load.ts'
import type { Config } from './types.ts'

/** A file with some hundreds of routes; reading it takes a few hundredths of a second. */
const largeBytes = 128 * 1024
const timeoutMs = 60_000

/** What the thread answers (load-thread.ts). */
export type Loaded =
  | { readonly config: Config }
  | { readonly faults: readonly ConfigFault[] }
  | { readonly message: string; readonly hint: string }

/**
 * The same as `loadConfig` for a process that serves requests meanwhile: a large file is read by a thread of its own. (Not
 * to save memory: what a thread took stays with the process.)
 * @throws ConfigError, StartError
 */
export async function loadAside(options: LoadOptions): Promise<Config> {
  if ((await sizeOf(options.file)) <= largeBytes) return loadConfig(options)
  const loaded = await askThread(options)
  if ('config' in loaded) return loaded.config
  throw 'faults' in loaded ? new ConfigError(loaded.faults) : new StartError(loaded.message, loaded)
}

/** What cannot be looked at is told by who reads it. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}

function askThread(options: LoadOptions): Promise<Loaded> {
  // An environment has methods of its own, which no message can carry.
  const workerData = { ...options, env: { ...options.env } }
  const thread = new Worker(new URL('load-thread.ts', import.meta.url), { workerData })
  thread.unref()
  const { promise, resolve, reject } = Promise.withResolvers<Loaded>()
  thread.once('message', (loaded: Loaded) => resolve(loaded))
  thread.once('error', reject)
  thread.once('exit', () =>
    reject(new Error('the thread that reads the configuration ended without an answer')),
  )
  const limit = setTimeout(
    () => reject(new Error(`reading took more than ${timeoutMs} ms`)),
    timeoutMs,
  ).unref()
  return promise.finally(() => {
    clearTimeout(limit)
    void thread.terminate()
  })
}
