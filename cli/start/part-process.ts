import { fork } from 'node:child_process'
import { closeSync, fstatSync } from 'node:fs'
import { join } from 'node:path'
import type { PartName } from '@gatehouse/kit/part'
import { root } from '../settings.ts'
import { lastError, openLog } from './log-file.ts'
import { folders } from './parts.ts'
import type { Urls } from './run-file.ts'

/** How a part ended, in words for the operator. */
export interface Exit {
  /** `killed by SIGKILL`, `exit code 1`. */
  readonly how: string
  /** What the part said about it, or the last error in its log. */
  readonly why: string | undefined
  readonly hint: string | undefined
}

/** One part as a process of its own. */
export interface PartProcess {
  readonly part: PartName
  readonly pid: number
  readonly startedAt: number
  /** The part's URLs, once it takes requests; undefined when it ended before that. Never rejects. */
  readonly ready: Promise<Urls | undefined>
  /** Never rejects. */
  readonly exited: Promise<Exit>
  signal(name: 'SIGTERM' | 'SIGKILL'): void
}

type Report =
  | { readonly type: 'ready'; readonly urls: Urls }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string | undefined }

/**
 * For Node. Loading hundreds of modules makes much garbage, so the young generation begins with two halves of 16 MB. On a large
 * machine V8 lets them grow to 64 MB each, which makes no request cheaper and each process 100 MB larger.
 */
export const execArgv: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
  '--require',
  join(root, 'cli/use-places.cjs'),
]

export interface PartOptions {
  readonly logFile: string
  readonly freshLog: boolean
  readonly env: NodeJS.ProcessEnv
}

/**
 * Starts a part; its output goes to its log file, its reports come over the channel of `fork` (kit/lifecycle.ts).
 * One that cannot be started has ended.
 */
export function startPart(part: PartName, options: PartOptions): PartProcess {
  try {
    return forkPart(part, options)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      part,
      pid: 0,
      startedAt: Date.now(),
      ready: Promise.resolve(undefined),
      exited: Promise.resolve({ how: 'could not be started', why, hint: undefined }),
      signal: () => undefined,
    }
  }
}

/** @throws the file system's error, where the log cannot be opened */
function forkPart(part: PartName, options: PartOptions): PartProcess {
  const log = openLog(options.logFile, options.freshLog)
  const child = fork(join(root, folders[part], 'main.ts'), [], {
    cwd: root,
    env: options.env,
    execArgv: [...execArgv],
    stdio: ['ignore', log, log, 'ipc'],
  })
  const logStart = fstatSync(log).size
  closeSync(log)
  let said: Report | undefined
  const exited = new Promise<Exit>((resolve) => {
    const end = (how: string) => resolve(describe(how, said, lastError(options.logFile, logStart)))
    child.once('error', (error) => end(error.message))
    child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `killed by ${signal}`))
  })
  const ready = new Promise<Urls | undefined>((resolve) => {
    child.on('message', (message) => {
      said = readReport(message)
      if (said?.type === 'ready') resolve(said.urls)
    })
    void exited.then(() => resolve(undefined))
  })
  return {
    part,
    pid: child.pid ?? 0,
    startedAt: Date.now(),
    ready,
    exited,
    signal: (name) => child.kill(name),
  }
}

function describe(how: string, said: Report | undefined, logged: string | undefined): Exit {
  if (said?.type === 'failed') return { how, why: said.message, hint: said.hint }
  return { how, why: logged, hint: undefined }
}

function readReport(message: unknown): Report | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined
  if (message.type === 'ready' && 'urls' in message) return { type: 'ready', urls: readUrls(message.urls) }
  if (message.type !== 'failed' || !('message' in message)) return undefined
  const hint = 'hint' in message && typeof message.hint === 'string' ? message.hint : undefined
  return { type: 'failed', message: String(message.message), hint }
}

function readUrls(urls: unknown): Urls {
  const known = Object.entries(urls ?? {}).flatMap(([name, url]) =>
    typeof url === 'string' ? [[name, url] as const] : [],
  )
  return Object.fromEntries(known)
}
