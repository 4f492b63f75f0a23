import { StartError } from '../errors.ts'
import type { Static } from '../schema.ts'
import type { ContractFiles } from './contract-files.ts'
import type { contract } from './schema-contract.ts'
import type { ContractConfig } from './types-contract.ts'

/** @throws StartError when the document cannot be read, which the rules have seen to already. */
export function compileContract(written: Static<typeof contract>, files: ContractFiles): ContractConfig {
  const { document, operation } =
    typeof written === 'string' ? { document: written, operation: undefined } : written
  const { file, text } = files.read(document)
  if (text instanceof Error) throw new StartError(text.message, { hint: 'name an OpenAPI document' })
  return { file, text, operation }
}
