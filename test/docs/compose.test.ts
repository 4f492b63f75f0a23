import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '@gatehouse/kit/config/load'
import { partNames } from '@gatehouse/kit/part'
import t from 'tap'
import { parse } from 'yaml'
import { isRecord } from '../harness/json.ts'
import { root } from '../harness/sources.ts'

const configFile = 'deploy/compose/gatehouse.yaml'

t.test('compose.yaml starts every part, by files that are there', async (t) => {
  const compose: unknown = parse(readFileSync(join(root, 'compose.yaml'), 'utf8'), { merge: true })
  const services = isRecord(compose) && isRecord(compose['services']) ? compose['services'] : {}
  const others = ['certificates', 'folder', 'postgres', 'prepare', 'valkey']
  t.same(Object.keys(services).toSorted(), [...partNames, ...others].toSorted())
  t.match(services['certificates'], { command: 'node cli/bin.mjs certs keep' })
  for (const name of partNames) {
    const service = isRecord(services[name]) ? services[name] : {}
    const entry = String(service['command']).replace('node ', '')
    t.match(entry, new RegExp(`(^|/)${name}/main\\.ts$`))
    t.ok(existsSync(join(root, entry)), entry)
    t.match(service['environment'], { GATEHOUSE_CONFIG: `/app/${configFile}`, GATEHOUSE_DATA: '/data' })
  }
  const scripts = readFileSync(join(root, 'deploy/compose/databases.sql'), 'utf8')
  for (const name of partNames) t.match(scripts, `CREATE DATABASE ${name};`)
})

t.test('the password that its head tells to make is kept, for all that comes after', async (t) => {
  const text = readFileSync(join(root, 'compose.yaml'), 'utf8')
  const [line = ''] = /test -f \.env .*/.exec(text) ?? []
  const cwd = t.testdir({})
  const file = join(cwd, '.env')
  const made = [1, 2].map(() => {
    execFileSync('sh', ['-c', line], { cwd })
    return readFileSync(file, 'utf8')
  })
  t.match(made[0], /^POSTGRES_PASSWORD=[0-9a-f]{32}\n$/)
  t.equal(made[1], made[0], 'the database has the first one for good')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.ok(readFileSync(join(root, '.gitignore'), 'utf8').split('\n').includes('.env'))
  // Docker compose wants every one of them for every command, `exec` and `down` too.
  const wanted = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name)
  t.same([...new Set(wanted)], ['POSTGRES_PASSWORD'])
})

t.test('nothing runs as root or may become it, and nothing but volumes can be written', async (t) => {
  const services = servicesIn(readFileSync(join(root, 'compose.yaml'), 'utf8'))
  const confined = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] }
  const parts = [...partNames, 'prepare', 'certificates']
  for (const name of parts) t.match(services[name], { user: 'node', volumes: ['./:/app:ro', 'data:/data'] })
  // Users of the images, whose folders those volumes take their owners from.
  t.match(services['postgres'], { user: 'postgres', tmpfs: ['/tmp', /^\/var\/run\/postgresql:/] })
  t.match(services['valkey'], { user: 'valkey' })
  for (const name of Object.keys(services)) {
    t.match(services[name], confined, name)
    t.notMatch(services[name], { privileged: true }, name)
    if (name !== 'folder') t.notOk(Object(services[name]).cap_add, name)
  }
})

t.test(
  'the volume is handed to the parts before anything of theirs runs, by what can do nothing else',
  async (t) => {
    const services = servicesIn(readFileSync(join(root, 'compose.yaml'), 'utf8'))
    const { command, ...folder } = Object(services['folder'])
    t.equal(command, 'chown -R node:node /data')
    t.match(folder, { network_mode: 'none', restart: 'no', volumes: ['data:/data'], user: 'root' })
    t.same(folder.cap_add, ['CHOWN', 'DAC_READ_SEARCH'])
    const done = { condition: 'service_completed_successfully' }
    t.match(services['prepare'], { depends_on: { folder: done } })
    for (const name of [...partNames, 'certificates'])
      t.match(services[name], { depends_on: { prepare: done } })
  },
)

t.test('its configuration is valid, and is the default one but for the stores', async (t) => {
  const read = (file: string) =>
    loadConfig({
      file: join(root, file),
      dataDir: '/data',
      portBase: 3000,
      env: { POSTGRES_PASSWORD: 'not-in-the-file' },
    })
  const ours = read(configFile)
  const stores = [ours.idp, ours.gateway, ...Object.values(ours.services)].map(({ store }) => store)
  for (const store of stores) t.match(store, 'postgres://gatehouse:not-in-the-file@')
  t.equal(new Set(stores).size, partNames.length, 'a database for each')
  t.match(ours.gateway.session.store, 'redis://127.0.0.1:6379')
  t.same(withoutStores(ours), withoutStores(read('gatehouse.yaml')))
})

function withoutStores(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'store' ? undefined : inner)))
}

function servicesIn(text: string): Readonly<Record<string, unknown>> {
  const compose: unknown = parse(text, { merge: true })
  return isRecord(compose) && isRecord(compose['services']) ? compose['services'] : {}
}
