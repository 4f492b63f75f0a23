import { accounts } from './accounts.ts'
import { apply } from './apply.ts'
import { audit } from './audit.ts'
import { certs } from './certs.ts'
import { check } from './check.ts'
import { clients } from './clients.ts'
import type { Command } from './command.ts'
import { explain } from './explain.ts'
import { grants } from './grants.ts'
import { keys } from './keys.ts'
import { plan } from './plan.ts'
import { prepare } from './prepare.ts'
import { sessions } from './sessions.ts'
import { start } from './start/command.ts'

/** Every command there is. `docs/cli.md` is held to this table by a test. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    start,
    check,
    explain,
    prepare,
    certs,
    clients,
    accounts,
    grants,
    sessions,
    keys,
    audit,
    plan,
    apply,
  }),
)
