import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { StartError } from '@gatehouse/kit/errors'
import { contextFromEnvironment } from '@gatehouse/kit/lifecycle'
import { dataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { load, validRoute, withRoute } from './config-load.ts'

const production = `issuer: https://id.example.com
gateway: { origin: 'https://api.example.com' }
${withRoute(...validRoute)}`

/** A data folder that is ready, and how each who opens it finds it in production. */
function ready(t: Test) {
  const dir = t.testdir({ 'gatehouse.yaml': production })
  const paths = dataPaths(join(dir, "the house's data"))
  const env = { GATEHOUSE_DATA: paths.dir, GATEHOUSE_CONFIG: join(dir, 'gatehouse.yaml') }
  const prepare = (isProduction: boolean) =>
    prepareDataFolder(paths, load(production), { production: isProduction, clock: systemClock })
  prepare(false)
  const openers = [
    () => prepare(true),
    () => contextFromEnvironment('users', { ...env, NODE_ENV: 'production' }),
  ]
  return { paths, openers, prepare }
}

function refusal(open: () => unknown): StartError | undefined {
  try {
    open()
    return undefined
  } catch (error) {
    if (error instanceof StartError) return error
    throw error
  }
}

t.test('production refuses keys and passwords that others may read or change, with what mends it', (t) => {
  const { paths, openers } = ready(t)
  writeFileSync(paths.credentials, '{}', { mode: 0o600 })
  for (const open of openers) t.equal(refusal(open), undefined)
  const files = [
    'master.key',
    'credentials.json',
    'gateway-client.jwk.json',
    'cli-client.jwk.json',
    'certs/ca.key',
  ]
  for (const open of openers) {
    for (const file of files) {
      for (const mode of [0o644, 0o604, 0o602, 0o620]) {
        chmodSync(join(paths.dir, file), mode)
        const { message = '', hint = '' } = refusal(open) ?? {}
        t.ok(message.includes(`change ${file} in ${paths.dir}`), `${file} ${mode.toString(8)}`)
        execFileSync('sh', ['-c', hint.split(';')[0] ?? ''])
        t.equal(refusal(open), undefined, 'as the hint says')
      }
    }
    for (const file of files) chmodSync(join(paths.dir, file), 0o666)
    t.match(refusal(open)?.message, 'master.key, credentials.json, gateway-client', 'all at once')
    execFileSync('sh', ['-c', refusal(open)?.hint.split(';')[0] ?? ''])
    t.equal(refusal(open), undefined)
  }
  t.end()
})

t.test('a group may read them, as secrets are mounted for a user that is not root', (t) => {
  const { paths, openers } = ready(t)
  chmodSync(paths.masterKey, 0o440)
  for (const open of openers) t.equal(refusal(open), undefined)
  t.end()
})

t.test('elsewhere than in production nothing is refused', (t) => {
  const { paths, prepare } = ready(t)
  chmodSync(paths.masterKey, 0o644)
  t.doesNotThrow(() => prepare(false))
  t.end()
})
