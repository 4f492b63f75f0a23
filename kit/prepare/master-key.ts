import { existsSync, readdirSync } from 'node:fs'
import { StartError } from '../errors.ts'
import type { DataPaths } from '../paths.ts'
import { MasterKey } from '../secrets.ts'
import { createFile, quoted } from './files.ts'

const generate = `node -p "crypto.randomBytes(32).toString('base64url')"`

/**
 * Makes the master key at first start on one machine.
 * @throws StartError in production, where the key must be the operator's own; and where a store is there but the
 * key under which its secrets rest is not: a new one would make them unreadable for good
 */
export function prepareMasterKey(paths: DataPaths, production: boolean): void {
  if (existsSync(paths.masterKey)) return
  const store = readdirSync(paths.dir).find((name) => name.endsWith('.sqlite'))
  if (store !== undefined) {
    throw new StartError(`the master key ${paths.masterKey} is gone, but ${store} holds what it sealed`, {
      hint: `put the key back from a backup; to begin anew and lose everything, remove ${paths.dir}`,
    })
  }
  if (production) {
    throw new StartError(`there is no master key in ${paths.masterKey}, and production makes none`, {
      hint: `put one there with mode 0600: (umask 077 && ${generate} > ${quoted(paths.masterKey)})`,
    })
  }
  createFile(paths.masterKey, (temporary) => MasterKey.generate().writeNew(temporary))
}
