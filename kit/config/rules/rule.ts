import type { ContractFiles } from '../contract-files.ts'
import type { ConfigDocument } from '../document.ts'

/** What a rule knows besides the file. */
export interface RuleContext {
  readonly production: boolean
  /** From which the ports that nothing is said about count. */
  readonly portBase: number
  readonly contracts: ContractFiles
}

/** Notes what the schema cannot say: references, contradictions, what production refuses. */
export type Rule = (document: ConfigDocument, context: RuleContext) => void
