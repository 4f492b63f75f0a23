import { systemClock, type Clock } from '../clock.ts'
import type { Config, Listen, ServiceName } from '../config/types.ts'
import { readLogLevel } from '../environment.ts'
import { StartError } from '../errors.ts'
import { createLogger, type Logger } from '../log.ts'
import { workloadFiles, type WorkloadFiles } from '../mtls/material.ts'
import type { PartContext } from '../part.ts'

/** What a service has to know of the house that it stands in. */
export interface ServiceContext {
  /** Its own certificate and the CA. */
  readonly files: WorkloadFiles
  /** Default: the one that the certificate names. */
  readonly trustDomain?: string | undefined
  /** `iss` of internal tokens. Default: `urn:gatehouse:<trust domain>:internal`. */
  readonly issuer?: string | undefined
  /** Origin of the gateway's internal door, such as `https://localhost:3443`. */
  readonly door: string
  readonly listen: Listen
  readonly clock: Clock
  readonly log: Logger
}

/** What the configuration says about one of the services that come with Gatehouse. */
export function contextOf(ctx: PartContext, name: ServiceName): ServiceContext {
  const config: Config = ctx.config
  return {
    files: workloadFiles(ctx.paths.certs, name),
    trustDomain: config.trustDomain,
    issuer: config.gateway.internalIssuer,
    door: config.gateway.internal.origin,
    listen: config.services[name].listen,
    clock: ctx.clock,
    log: ctx.log,
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the environment says, for a service of your own. `GATEHOUSE_CERTS` is the folder of `<name>.pem`, `<name>.key`
 * and `ca.pem` (default `certs`); `GATEHOUSE_CERT`, `GATEHOUSE_KEY` and `GATEHOUSE_CA` name the files one by one.
 * `GATEHOUSE_DOOR` is the internal door (default `https://localhost:3443`), `GATEHOUSE_LISTEN` where to listen
 * (`host:port`), `GATEHOUSE_LOG_LEVEL` how much to log (default `info`). `GATEHOUSE_TRUST_DOMAIN` and
 * `GATEHOUSE_INTERNAL_ISSUER` hold the certificate to what you expect it to say.
 * @param defaults.listen where to listen when the environment does not say.
 * @throws StartError for what cannot be understood.
 */
export function contextFromEnvironment(
  name: string,
  env: Environment,
  defaults: { readonly listen?: Listen | undefined } = {},
): ServiceContext {
  const given = (key: string): string | undefined => (env[key] === '' ? undefined : env[key])
  const folder = workloadFiles(given('GATEHOUSE_CERTS') ?? 'certs', name)
  return {
    files: {
      ...folder,
      cert: given('GATEHOUSE_CERT') ?? folder.cert,
      key: given('GATEHOUSE_KEY') ?? folder.key,
      ca: given('GATEHOUSE_CA') ?? folder.ca,
    },
    trustDomain: given('GATEHOUSE_TRUST_DOMAIN'),
    issuer: given('GATEHOUSE_INTERNAL_ISSUER'),
    door: httpsOrigin(given('GATEHOUSE_DOOR') ?? 'https://localhost:3443'),
    listen: listenFrom(given('GATEHOUSE_LISTEN')) ?? defaults.listen ?? { host: 'localhost', port: 8443 },
    clock: systemClock,
    log: createLogger({ name, level: readLogLevel(given('GATEHOUSE_LOG_LEVEL')) }),
  }
}

function httpsOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' && url.origin === text.toLowerCase().replace(/\/$/, '')) return url.origin
  throw new StartError(`GATEHOUSE_DOOR is '${text.slice(0, 100)}', which is no https:// origin`, {
    hint: "write the gateway's internal door as https://host:port",
  })
}

function listenFrom(text: string | undefined): Listen | undefined {
  if (text === undefined) return undefined
  const [, host, port] = /^\[?([^\]/]+?)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
  throw new StartError(`GATEHOUSE_LISTEN is '${text.slice(0, 100)}', which is no address to listen on`, {
    hint: 'write it as host:port, such as 127.0.0.1:4010 or [::]:4010',
  })
}
