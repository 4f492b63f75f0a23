import type { ConfigSource } from '@gatehouse/kit/part'
import { watchFile } from './watch-file.ts'
import type { Reloader } from './reloader.ts'

/** Reloads when the file changes, and on SIGHUP: for what it names, such as secrets and OpenAPI documents. */
export function followChanges(reloader: Reloader, source: ConfigSource, opened: AsyncDisposableStack): void {
  opened.defer(watchFile(source.file, source.lookEveryMs, () => reloader.reload('file')))
  const onHangUp = (): void => void reloader.reload('signal')
  process.on('SIGHUP', onHangUp)
  opened.defer(() => void process.off('SIGHUP', onHangUp))
}
