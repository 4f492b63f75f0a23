import type { ConfigSource } from '@gatehouse/kit/part'
import { watchFiles } from './watch-files.ts'
import type { Reloader } from './reloader.ts'

/** Reloads when the file changes, and on SIGHUP: for what it names, such as secrets.
 * OpenAPI documents that routes name are followed like the file itself. */
export function followChanges(reloader: Reloader, source: ConfigSource, opened: AsyncDisposableStack): void {
  const files = (): readonly string[] => {
    const contracts = reloader.config.routes.flatMap(({ contract }) => contract?.file ?? [])
    return [source.file, ...new Set(contracts)]
  }
  opened.defer(watchFiles(files, source.lookEveryMs, () => void reloader.reload('file')))
  opened.defer(() => reloader.close())
  const onHangUp = (): void => void reloader.reload('signal')
  process.on('SIGHUP', onHangUp)
  opened.defer(() => void process.off('SIGHUP', onHangUp))
}
