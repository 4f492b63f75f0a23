import { pino } from 'pino'
import { redact } from './redact.ts'

export type Logger = import('pino').Logger

const maxCauses = 5
const mostWaitingBytes = 4 * 1024 * 1024

/**
 * Structured log, one JSON object per line, to stdout unless told otherwise. Values of secret-looking keys
 * are masked at any depth; of an error only type, message, code, stack and causes are written, because
 * libraries hang whole requests with their headers onto errors.
 * @param options.level `fatal` `error` `warn` `info` `debug` `trace` or `silent`; default `info`.
 */
export function createLogger(options: {
  readonly name: string
  readonly level?: string | undefined
  readonly destination?: import('pino').DestinationStream | undefined
}): Logger {
  const settings: import('pino').LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    base: { name: options.name, pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }), log: redact },
    serializers: { err: describeError, error: describeError },
  }
  const log = pino(settings, options.destination ?? lossy({ dest: 1 }))
  redactChildBindings(log)
  return log
}

/**
 * Where a disk that is full costs lines: without a listener the process would end, and without a bound it would keep all
 * that could not be written. Nor may it be flushed then, as a fatal line and the end do: that blocks until there is room.
 */
export function lossy(options: {
  readonly dest: number
  readonly sync?: boolean
  readonly contentMode?: 'buffer'
}): import('pino').DestinationStream {
  const destination = pino.destination({ ...options, maxLength: mostWaitingBytes })
  const flush = destination.flushSync.bind(destination)
  let isFull = false
  destination.on('error', () => (isFull = true))
  destination.on('write', () => (isFull = false))
  destination.flushSync = () => {
    if (!isFull) flush()
  }
  return destination
}

/** pino formats the bindings of the first logger only; children inherit this method from it. */
function redactChildBindings(log: Logger): void {
  type Child = (
    this: Logger,
    bindings: Record<string, unknown>,
    options?: import('pino').ChildLoggerOptions,
  ) => Logger
  const inherited: { readonly child: Child } = Object.getPrototypeOf(log)
  const child: Child = function (bindings, options) {
    return inherited.child.call(this, redact(bindings), options)
  }
  Object.defineProperty(log, 'child', { value: child })
}

interface ErrorDescription {
  readonly type: string
  readonly message: string
  readonly code: string | undefined
  readonly stack: string | undefined
  readonly cause: ErrorDescription | undefined
}

function describeError(thrown: unknown, depth = 0): ErrorDescription {
  if (!(thrown instanceof Error)) {
    return {
      type: typeof thrown,
      message: 'not an Error',
      code: undefined,
      stack: undefined,
      cause: undefined,
    }
  }
  return {
    type: thrown.name,
    message: thrown.message,
    code: 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined,
    stack: thrown.stack,
    cause:
      thrown.cause === undefined || depth >= maxCauses ? undefined : describeError(thrown.cause, depth + 1),
  }
}
