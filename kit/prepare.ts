import type { Clock } from './clock.ts'
import type { Config } from './config/types.ts'
import type { DataPaths } from './paths.ts'
import { prepareCertificates } from './prepare/certificates.ts'
import { prepareClientKey } from './prepare/client-key.ts'
import { folderFault, makeFolder } from './prepare/files.ts'
import { prepareMasterKey } from './prepare/master-key.ts'

/**
 * Makes what first start on one machine needs: the data folder, the master key, the CA, the workloads'
 * certificates, and the private keys of the gateway's client, the command line's and the demo client. What is there and usable
 * stays as it is; certificates that expire within 7 days are made anew.
 * @throws StartError when the folder cannot be used, or in production without a master key
 */
export function prepareDataFolder(
  paths: DataPaths,
  config: Config,
  options: { readonly production: boolean; readonly clock: Clock },
): void {
  try {
    for (const dir of [paths.dir, paths.certs, paths.logs]) makeFolder(dir)
    prepareMasterKey(paths, options.production)
    prepareClientKey(paths.gatewayClientKey)
    prepareClientKey(paths.cliClientKey)
    if (config.idp.demo) prepareClientKey(paths.demoMachineKey)
    prepareCertificates(paths.certs, config, options.clock)
  } catch (error) {
    throw folderFault(error, paths.dir)
  }
}
