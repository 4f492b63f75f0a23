import type { Clock } from './clock.ts'
import type { Config } from './config/types.ts'
import type { Logger } from './log.ts'
import type { DataPaths } from './paths.ts'
import type { MasterKey } from './secrets.ts'

export const partNames = ['idp', 'gateway', 'users', 'orders', 'inventory'] as const

export type PartName = (typeof partNames)[number]

/** Everything that a part is given; it opens the rest itself and closes it in `stop`. */
export interface PartContext {
  readonly config: Config
  readonly paths: DataPaths
  readonly clock: Clock
  readonly log: Logger
  readonly masterKey: MasterKey
  readonly production: boolean
  /** Where `config` came from, for parts that follow its changes. */
  readonly source?: ConfigSource
}

/** A configuration that can be read again. */
export interface ConfigSource {
  readonly file: string
  /** Of the file (kit/file-signature.ts), from before it was read: what takes its place while a part starts is a change. */
  readonly signature: string
  /** How often the file is looked at, in milliseconds. */
  readonly lookEveryMs: number
  /** Lets what else is to be done go on. @throws StartError (ConfigError among them) */
  load(): Promise<Config>
}

export interface RunningPart {
  readonly name: PartName
  /** gateway: `public`, `internal`, `admin`; idp: `issuer`, `admin`; services: `url`. */
  readonly urls: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** What a part tells the process that forked it. */
export type PartMessage =
  | { readonly type: 'ready'; readonly urls: Readonly<Record<string, string>> }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string }
