import type { StartError } from '@gatehouse/kit/errors'

/** A failure as one clear line, and what to do about it. */
export function failureText(error: StartError): string {
  return `gatehouse: ${error.message}\n  ${error.hint.replaceAll('\n', '\n  ')}`
}

/** The same for `--json`. */
export function failureJson(error: StartError): string {
  const faults = 'faults' in error ? { faults: error.faults } : {}
  return JSON.stringify({ event: 'failed', message: error.message, hint: error.hint, ...faults })
}
