import tls from 'node:tls'
import type { GatewayConfig } from '@gatehouse/kit/config/types'
import { fileSignatureNow } from '@gatehouse/kit/file-signature'
import type { Logger } from '@gatehouse/kit/log'
import type { PartContext } from '@gatehouse/kit/part'
import { publicTls } from '../http/tls.ts'
import { watchFiles } from './watch-files.ts'

const defaultEveryMs = 1_000

/**
 * Whoever renews the certificate of the public door writes its files: new connections are shown what is in them.
 * To be called before the files are read. @returns follows them from then on.
 */
export function tlsFollower({
  config,
  source,
  log,
}: PartContext): (server: object, opened: AsyncDisposableStack) => void {
  const wanted = config.gateway.tls
  if (wanted === undefined) return () => undefined
  const files = [wanted.certFile, wanted.keyFile]
  const read = files.map(fileSignatureNow)
  return (server, opened) => {
    const everyMs = source?.lookEveryMs ?? defaultEveryMs
    const changed = (): void => renew(server, wanted, log)
    opened.defer(watchFiles({ files: () => files, read, everyMs, changed }))
  }
}

function renew(server: object, wanted: GatewayConfig['tls'], log: Logger): void {
  if (!(server instanceof tls.Server)) throw new TypeError('only a TLS server has a certificate')
  try {
    const options = publicTls(wanted) ?? {}
    // A writer may be between the two files, and the server would take half of what does not fit.
    tls.createSecureContext(options)
    server.setSecureContext(options)
    log.info({}, 'the files of gateway.tls changed: using the new ones')
  } catch (err) {
    log.warn({ err }, 'the changed files of gateway.tls cannot be used; going on with the old ones')
  }
}
