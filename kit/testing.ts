/** For the tests of services: `@gatehouse/kit/testing`. Never for production: keys are made here and thrown away. */
export { createTrust, type Trust, type TrustOptions } from './testing/trust.ts'
export { internalClaims, internalToken, createSigningKey } from './testing/tokens.ts'
export { FakeGateway, type Asked } from './testing/gateway.ts'
export type { Answered } from './testing/answered.ts'
export { FakeDoor, sendJson, type DoorHandler, type DoorRequest } from './testing/door.ts'
