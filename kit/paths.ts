import { join, resolve } from 'node:path'

/** Where things are in the data folder. All absolute. */
export interface DataPaths {
  readonly dir: string
  /** URLs and pids of everything that runs; present only while it does. */
  readonly runJson: string
  /** Held by whoever starts and keeps the parts. */
  readonly startLock: string
  /** What first start generated, mode 0600. */
  readonly credentials: string
  readonly masterKey: string
  /** Folder of the CA and of each workload's certificate and key. */
  readonly certs: string
  /** Private JWK with which the gateway authenticates at the IdP. */
  readonly gatewayClientKey: string
  /** Private JWK with which the command line authenticates at the IdP. */
  readonly cliClientKey: string
  /** Private JWK of the demo client `demo-machine-jwt`. */
  readonly demoMachineKey: string
  /** RSA keys of the certification profile, sealed. */
  readonly certificationKeys: string
  /** Folder of the parts' logs. */
  readonly logs: string
}

/** Names every file and folder of the data folder; touches none. */
export function dataPaths(dataDir: string): DataPaths {
  const dir = resolve(dataDir)
  return {
    dir,
    runJson: join(dir, 'run.json'),
    startLock: join(dir, 'start.lock'),
    credentials: join(dir, 'credentials.json'),
    masterKey: join(dir, 'master.key'),
    certs: join(dir, 'certs'),
    gatewayClientKey: join(dir, 'gateway-client.jwk.json'),
    cliClientKey: join(dir, 'cli-client.jwk.json'),
    demoMachineKey: join(dir, 'demo-machine-jwt.jwk.json'),
    certificationKeys: join(dir, 'certification-keys.sealed'),
    logs: join(dir, 'logs'),
  }
}
