import type { ContractFiles } from './contract-files.ts'

/** What defaults are derived from. */
export interface CompileContext {
  readonly dataDir: string
  readonly portBase: number
  readonly production: boolean
  readonly contracts: ContractFiles
}

/** As URLs print it: without a port that goes without saying. */
export function originOf(url: string): string {
  return new URL(url).origin
}
