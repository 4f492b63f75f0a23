import { pino } from 'pino'
import { redact } from './redact.ts'

export type Logger = import('pino').Logger

const maxCauses = 5

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
  const log = options.destination === undefined ? pino(settings) : pino(settings, options.destination)
  redactChildBindings(log)
  return log
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
