import { readFileSync } from 'node:fs'
import type { Config } from '@gatehouse/kit/config/types'
import { fileSignatureNow } from '@gatehouse/kit/file-signature'
import type { ConfigSource } from '@gatehouse/kit/part'
import type { HangUps } from './hang-ups.ts'
import { watchFiles } from './watch-files.ts'
import type { Reloader } from './reloader.ts'

/** Reloads when the file changes, and on SIGHUP: for what it names, such as secrets.
 * OpenAPI documents that routes name are followed like the file itself. */
export function followChanges(
  reloader: Reloader,
  source: ConfigSource,
  hangUps: HangUps,
  opened: AsyncDisposableStack,
): void {
  const read = [source.signature, ...[...documentsOf(reloader.config)].map(signatureWhenRead)]
  const files = (): readonly string[] => [source.file, ...documentsOf(reloader.config).keys()]
  const changed = (): void => void reloader.reload('file')
  opened.defer(watchFiles({ files, read, everyMs: source.lookEveryMs, changed }))
  opened.defer(() => reloader.close())
  hangUps.tell(() => void reloader.reload('signal'))
}

/** Their texts by file. */
function documentsOf({ routes }: Config): ReadonlyMap<string, string> {
  return new Map(
    routes.flatMap(({ contract }) => (contract ? [[contract.file, contract.text] as const] : [])),
  )
}

/** Of a document that was read before anybody looked at it: none, if it says something else by now. */
function signatureWhenRead([file, text]: readonly [string, string]): string {
  const signature = fileSignatureNow(file)
  return textOf(file) === text ? signature : ''
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
