import type { PartName } from '@gatehouse/kit/part'
import type { RunFile } from './run-file.ts'

/** Everything that `start` has to say. With `--json` each is a line of JSON as it stands here. */
export type StartEvent =
  | {
      readonly event: 'ready'
      readonly elapsed_ms: number
      readonly first_start: boolean
      readonly credentials: string
      readonly logs: string
      /** What the parts have warned of while they started. */
      readonly warnings: readonly string[]
      readonly run: RunFile
    }
  | {
      readonly event: 'part_ended'
      readonly part: PartName
      readonly how: string
      readonly why: string | undefined
      readonly restart_in_ms: number
    }
  | {
      readonly event: 'part_back'
      readonly part: PartName
      readonly pid: number
      readonly elapsed_ms: number
    }
  /** A full disk, for example: run.json tells of the time before. The next part that is started again tries anew. */
  | { readonly event: 'run_file_not_written'; readonly why: string }
  | { readonly event: 'certificates_renewed'; readonly names: readonly string[] }
  | { readonly event: 'certificates_not_renewed'; readonly why: string }
  | { readonly event: 'stopping'; readonly signal: string }
  | { readonly event: 'stopped'; readonly elapsed_ms: number; readonly killed: readonly PartName[] }

export type Report = (event: StartEvent) => void
