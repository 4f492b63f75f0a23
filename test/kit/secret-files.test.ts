import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { dataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { openSecrets } from '@gatehouse/kit/prepare/secret-files'
import { load, validRoute, withRoute } from './config-load.ts'

/** What a start on one machine leaves. */
function prepared(dir: string) {
  const paths = dataPaths(join(dir, "the house's data"))
  prepareDataFolder(paths, load(withRoute(...validRoute)), { production: false, clock: systemClock })
  writeFileSync(paths.credentials, '{}', { mode: 0o600 })
  return paths
}

/** As somebody would who reads it. */
function doAsItSays(warning: string): void {
  execFileSync('sh', ['-c', /chmod .*$/.exec(warning)?.[0] ?? 'false'])
}

t.test('keys and passwords that others may read or change are warned of, with what mends it', async (t) => {
  const paths = prepared(t.testdir())
  t.equal(openSecrets(paths), undefined)
  const files = [
    'master.key',
    'credentials.json',
    'gateway-client.jwk.json',
    'cli-client.jwk.json',
    'certs/ca.key',
  ]
  for (const file of files) {
    for (const mode of [0o644, 0o604, 0o602, 0o620]) {
      chmodSync(join(paths.dir, file), mode)
      const warning = openSecrets(paths) ?? ''
      t.ok(warning.includes(`change ${file} in ${paths.dir}`), `${file} ${mode.toString(8)}`)
      doAsItSays(warning)
      t.equal(openSecrets(paths), undefined, 'as it says')
    }
  }
  for (const file of files) chmodSync(join(paths.dir, file), 0o666)
  const all = openSecrets(paths) ?? ''
  t.match(all, 'master.key, credentials.json, gateway-client', 'all at once')
  doAsItSays(all)
  t.equal(openSecrets(paths), undefined)
})

t.test('a group may read them, as secrets are mounted for a user that is not root', async (t) => {
  const paths = prepared(t.testdir())
  chmodSync(paths.masterKey, 0o440)
  t.equal(openSecrets(paths), undefined)
})
