import type { KeyObject } from 'node:crypto'
import type { Child } from '../../run/child.ts'
import type { CodeGrant, TokenEndpoint } from '../../run/oauth.ts'

/** An identity server under load, whoever wrote it. */
export interface TokenServer {
  readonly name: string
  readonly child: Child
  /** A database that works for it, on the load's core. */
  readonly servants: readonly Child[]
  readonly port: number
  readonly token: TokenEndpoint
  readonly introspection: TokenEndpoint
  /** Of the client that authenticates with one. */
  readonly secret: string
  /** Of the client that signs its assertions. */
  readonly assertion: { readonly key: KeyObject; readonly kid: string }
  /** Refresh tokens of a person, each the first of its family. */
  refreshTokens(count: number): Promise<readonly string[]>
  /** Authorization codes of a person who is signed in. They do not last. */
  codes(count: number): Promise<readonly CodeGrant[]>
}
