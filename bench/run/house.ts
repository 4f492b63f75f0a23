import { systemClock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import type { Config } from '@gatehouse/kit/config/types'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { dataPaths } from '@gatehouse/kit/paths'
import type { DataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { freePortBase } from '../../test/harness/ports.ts'
import { CompileCache } from '../../cli/start/compile-cache.ts'
import { execArgv } from '../../cli/start/part-process.ts'
import type { Child } from './child.ts'
import { trustDomain } from './names.ts'
import { benchFile } from './bench-file.ts'
import type { Stage, TlsMaterial } from './stage.ts'

const Ready = Type.Object({ type: Type.Literal('ready'), urls: Type.Record(Type.String(), Type.String()) })

export type HousePart = 'gateway' | 'idp' | 'orders'

/** Which core: that of what is measured, that of the load, or whichever the system takes. */
export type Place = 'contestant' | 'load' | 'any'

export interface StartOptions {
  /** Files of the bench that the process loads first. */
  readonly imports?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface StartedPart {
  readonly child: Child
  readonly urls: Readonly<Record<string, string>>
}

/** Parts of Gatehouse as `npm start` runs them, each its own process, on a data folder of the bench. */
export class House {
  readonly paths: DataPaths
  readonly portBase: number
  readonly #stage: Stage
  readonly #name: string

  private constructor(stage: Stage, name: string, portBase: number) {
    this.#stage = stage
    this.#name = name
    this.portBase = portBase
    this.paths = dataPaths(join(stage.dir, `data-${name}`))
    mkdirSync(this.paths.dir, { recursive: true, mode: 0o700 })
  }

  static async open(stage: Stage, name: string): Promise<House> {
    return new House(stage, name, await freePortBase())
  }

  /** Checks the configuration, and makes keys and certificates where there are none. */
  async configure(text: string): Promise<Config> {
    const file = this.#stage.file(`${this.#name}.yaml`, text)
    const config = loadConfig({ file, dataDir: this.paths.dir, portBase: this.portBase, env: {} })
    prepareDataFolder(this.paths, config, { production: false, clock: systemClock })
    return config
  }

  /** Starts a part with the configuration that was given last. */
  async start(part: HousePart, on: Place = 'contestant', how: StartOptions = {}): Promise<StartedPart> {
    const child = this.#spawn(part, on === 'any' ? undefined : this.#stage.cores[on], how)
    const message = await child.message()
    if (Value.Check(Ready, message)) return { child, urls: Value.Parse(Ready, message).urls }
    throw new Error(`${this.#name}: ${part} did not start: ${JSON.stringify(message)}`)
  }

  #spawn(part: HousePart, core: number | undefined, { imports = [], env = {} }: StartOptions): Child {
    const name = `${this.#name}-${part}`
    const main = benchFile(part === 'orders' ? '../services/orders/main.ts' : `../${part}/main.ts`)
    const flags = [
      ...execArgv,
      ...this.#stage.nodeFlags(name),
      ...imports.flatMap((file) => ['--import', benchFile(file)]),
    ]
    return this.#stage.spawn(name, process.execPath, [...flags, main], core, {
      ...new CompileCache(process.env).env,
      ...env,
      GATEHOUSE_DATA: this.paths.dir,
      GATEHOUSE_CONFIG: join(this.#stage.dir, `${this.#name}.yaml`),
      GATEHOUSE_PORT_BASE: String(this.portBase),
    })
  }

  /** A workload's certificate and key, as the data folder has them. */
  workload(name: string): TlsMaterial {
    const { ca, cert, key } = loadWorkload(this.paths.certs, trustDomain, name)
    return { ca, cert, key }
  }
}
