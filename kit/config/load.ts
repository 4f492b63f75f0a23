import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { conforms } from '../conforms.ts'
import { StartError } from '../errors.ts'
import { ContractFiles } from './contract-files.ts'
import { compileConfig } from './compile.ts'
import { readDocument, type ConfigDocument } from './document.ts'
import { ConfigError } from './fault.ts'
import type { RuleContext } from './rules/rule.ts'
import { rules } from './rules/table.ts'
import { configSchema } from './schema.ts'
import { checkShape } from './shape.ts'
import type { Config } from './types.ts'

export { ConfigError, type ConfigFault } from './fault.ts'

const maxBytes = 4 * 1024 * 1024
const homeDir = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export interface LoadOptions {
  /** The YAML file. */
  readonly file: string
  readonly dataDir: string
  readonly portBase: number
  /** For `${env:NAME}`; `NODE_ENV=production` adds what production refuses. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Reads, checks and compiles the configuration.
 * @throws ConfigError with every fault, each with line and column
 * @throws StartError when the file cannot be read
 */
export function loadConfig(options: LoadOptions): Config {
  const file = resolve(options.file)
  const dataDir = resolve(options.dataDir)
  const production = options.env['NODE_ENV'] === 'production'
  const contracts = new ContractFiles(dirname(file))
  const { env, portBase } = options
  const surroundings = { env, baseDir: dirname(file), dataDir, homeDir, portBase }
  const document = readDocument(options.file, readText(file), surroundings)
  checkDocument(document, { production, contracts, portBase })
  const written = document.value
  if (document.faults.length > 0) throw new ConfigError(document.faults)
  if (!conforms(configSchema, written)) throw new TypeError('checkShape passed what the schema does not')
  return compileConfig(written, { dataDir, portBase, production, contracts })
}

function checkDocument(document: ConfigDocument, context: RuleContext): void {
  if (document.value === undefined) {
    if (document.faults.length === 0) document.fault([], 'the file is empty; expected routes and upstreams')
    return
  }
  checkShape(configSchema, document.value, [], document)
  for (const rule of rules) rule(document, context)
}

function readText(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.length <= maxBytes) return text
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new StartError(`the configuration ${file} cannot be read (${code})`, {
      hint: '`--config` of a command or GATEHOUSE_CONFIG names the file; without either it is gatehouse.yaml of the repository',
      cause: error,
    })
  }
  throw new StartError(`the configuration ${file} is larger than ${maxBytes / 1024 ** 2} MiB`, {
    hint: 'is this the right file?',
  })
}
