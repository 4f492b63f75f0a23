import { certs } from './certs.ts'
import { check } from './check.ts'
import type { Command } from './command.ts'
import { prepare } from './prepare.ts'
import { start } from './start/command.ts'

/** Every command there is. `docs/cli.md` is held to this table by a test. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ start, check, prepare, certs }),
)
