import type { StartError } from '@gatehouse/kit/errors'

/** A failure as one clear line (a configuration: one for each fault), and what to do about it. */
export function failureText({ message, hint }: Pick<StartError, 'message' | 'hint'>): string {
  const what = message.includes('\n') ? `\n${message}`.replaceAll('\n', '\n  ') : ` ${message}`
  return `gatehouse:${what}\n  ${hint.replaceAll('\n', '\n  ')}`
}

/** The same for `--json`. */
export function failureJson(error: Pick<StartError, 'message' | 'hint'>): string {
  const faults = 'faults' in error ? { faults: error.faults } : {}
  return JSON.stringify({ event: 'failed', message: error.message, hint: error.hint, ...faults })
}
