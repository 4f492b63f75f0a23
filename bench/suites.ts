import { gatewaySuite } from './suites/gateway.ts'
import { idpSuite } from './suites/idp.ts'
import { kitSuite } from './suites/kit.ts'
import { sessionsSuite } from './suites/sessions.ts'
import { revocationSuite } from './suites/revocation.ts'
import { startupSuite } from './suites/startup.ts'
import type { Suite } from './suites/suite.ts'

/** Every suite, in the order in which they run. */
export const suites = {
  gateway: gatewaySuite,
  idp: idpSuite,
  sessions: sessionsSuite,
  kit: kitSuite,
  revocation: revocationSuite,
  startup: startupSuite,
} as const satisfies Readonly<Record<string, Suite>>

export type SuiteName = keyof typeof suites

export const suiteNames = Object.keys(suites).filter((name): name is SuiteName => name in suites)
