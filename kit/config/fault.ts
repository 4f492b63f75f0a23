import { StartError } from '../errors.ts'

/** One thing that is wrong in the configuration. Lines and columns count from 1. */
export interface ConfigFault {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Such as `routes[2].match.path`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
}

/** The configuration cannot be used. Its message has one line for each fault, in the order of the file. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    const sorted = [...faults].toSorted((a, b) => a.line - b.line || a.column - b.column)
    super(sorted.map(showFault).join('\n'), {
      hint: `correct ${sorted.length === 1 ? 'this' : `these ${sorted.length} faults`} and start again`,
    })
    this.faults = sorted
  }
}

function showFault(fault: ConfigFault): string {
  const place = `${fault.file}:${fault.line}:${fault.column}`
  return fault.path === '' ? `${place} ${fault.message}` : `${place} ${fault.path}: ${fault.message}`
}
