import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from '@gatehouse/kit/config/load'
import type { Config } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'
import type { Logger } from '@gatehouse/kit/log'
import type { Metrics } from '@gatehouse/kit/metrics'
import { fixedChanges } from './fixed.ts'

export type ReloadResult = 'applied' | 'unchanged' | 'refused'

/** Everything that another configuration asks for, made beside what runs. */
export interface Prepared {
  /** Does not fail. */
  commit(): void
}

export interface ReloaderOptions {
  readonly config: Config
  /** @throws StartError */
  load(): Promise<Config>
  /** @throws StartError, and then nothing has changed. */
  prepare(config: Config): Prepared
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Takes a changed configuration over as a whole or not at all. Once it is read, all of it happens in one turn of the event
 * loop: a request sees the old one or the new one, never some of each.
 */
export class Reloader {
  readonly #options: ReloaderOptions
  readonly #count: (result: ReloadResult) => void
  #config: Config
  #isValid = true
  #isClosed = false
  #last: Promise<unknown> = Promise.resolve()
  #next: Promise<ReloadResult> | undefined

  constructor(options: ReloaderOptions) {
    this.#options = options
    this.#config = options.config
    const { metrics } = options
    const reloads = metrics.counter(
      'gatehouse_gateway_reloads_total',
      'Changes of the configuration by what became of them.',
      ['result'],
    )
    this.#count = (result) => reloads.child({ result }).inc()
    metrics.gauge(
      'gatehouse_gateway_configuration_in_force',
      'Whether the configuration file is the one in force: 0 when it was refused.',
      () => Number(this.#isValid),
    )
  }

  /** The one in force. */
  get config(): Config {
    return this.#config
  }

  /** One after the other: what is read later is later. Never rejects. @param why for the log. */
  reload(why: 'file' | 'signal'): Promise<ReloadResult> {
    // One that has not begun will read what is there now.
    if (this.#next !== undefined) return this.#next
    const next = this.#last.then(() => {
      this.#next = undefined
      return this.#reload(why)
    })
    this.#next = next
    this.#last = next
    return next
  }

  /** Of what is being read nothing is taken over. */
  close(): void {
    this.#isClosed = true
  }

  async #reload(why: string): Promise<ReloadResult> {
    const result = await this.#attempt(why)
    this.#isValid = result !== 'refused'
    this.#count(result)
    return result
  }

  async #attempt(why: string): Promise<ReloadResult> {
    const options = this.#options
    const { log } = options
    try {
      const wanted = await options.load()
      if (this.#isClosed) return 'unchanged'
      const fixed = fixedChanges(this.#config, wanted)
      if (fixed.length > 0) throw needsRestart(fixed)
      if (isDeepStrictEqual(this.#config, wanted)) {
        log.info({ why }, 'the configuration was read again and says the same')
        return 'unchanged'
      }
      const prepared = options.prepare(wanted)
      const changes = changesOf(this.#config, wanted)
      prepared.commit()
      this.#config = wanted
      log.info({ why, ...changes }, 'the configuration changed')
      return 'applied'
    } catch (error) {
      log.error({ why, ...reasonOf(error) }, 'the changed configuration is refused; the one before stays')
      return 'refused'
    }
  }
}

function needsRestart(keys: readonly string[]): StartError {
  return new StartError(`cannot change while the gateway runs: ${keys.join(', ')}`, {
    hint: 'restart the gateway, or take this change back',
  })
}

function reasonOf(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof ConfigError) return { faults: error.faults }
  if (error instanceof StartError) return { reason: error.message, hint: error.hint }
  return { err: error }
}

function changesOf(before: Config, after: Config): Readonly<Record<string, readonly string[]>> {
  return {
    routes: changedNames(byId(before), byId(after)),
    upstreams: changedNames(before.upstreams, after.upstreams),
    edges: isDeepStrictEqual(before.edges, after.edges) ? [] : ['changed'],
  }
}

function byId({ routes }: Config): Readonly<Record<string, unknown>> {
  return Object.fromEntries(routes.map((route) => [route.id, route]))
}

function changedNames(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]))
}
