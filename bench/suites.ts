import { gatewaySuite } from './suites/gateway.ts'
import { growthSuite } from './suites/growth.ts'
import { idpSuite } from './suites/idp.ts'
import { kitSuite } from './suites/kit.ts'
import { sessionsSuite } from './suites/sessions.ts'
import { revocationSuite } from './suites/revocation.ts'
import { startSuite } from './suites/start.ts'
import type { Suite } from './suites/suite.ts'

/** Every suite, in the order in which they run: what has targets comes first, and the longest last. */
export const suites = {
  start: startSuite,
  revocation: revocationSuite,
  kit: kitSuite,
  sessions: sessionsSuite,
  idp: idpSuite,
  growth: growthSuite,
  gateway: gatewaySuite,
} as const satisfies Readonly<Record<string, Suite>>

export type SuiteName = keyof typeof suites

export const suiteNames = Object.keys(suites).filter((name): name is SuiteName => name in suites)
