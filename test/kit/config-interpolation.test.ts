import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dir, faultsOf, load, validRoute, withRoute, type Env } from './config-load.ts'

function resourceOf(written: string, env: Env = {}): string {
  return load(`resource: ${written}\n${withRoute(...validRoute)}`, env).resource
}

function faultOf(written: string, env: Env = {}): string {
  const faults = faultsOf(`resource: ${written}\n${withRoute(...validRoute)}`, env)
  t.equal(faults.length, 1, 'one fault, not two for one cause')
  t.match(faults[0], { line: 1, column: 11, path: 'resource' })
  return faults[0]?.message ?? ''
}

t.test('variables, files, ports and the data folder', async (t) => {
  writeFileSync(join(dir, 'name.txt'), 'urn:from-file\n')
  t.equal(resourceOf('${env:NAME}', { NAME: 'urn:a' }), 'urn:a')
  t.equal(resourceOf('urn:${env:A}:${env:B}', { A: 'x', B: 'y' }), 'urn:x:y')
  t.equal(
    resourceOf('${file:name.txt}'),
    'urn:from-file',
    'relative to the configuration, without the line break',
  )
  t.equal(resourceOf('${file:' + join(dir, 'name.txt') + '}'), 'urn:from-file')
  t.equal(resourceOf('urn:port:${port:7}'), 'urn:port:3007')
  t.equal(resourceOf('urn:x:${data}'), `urn:x:${join(dir, 'data')}`)
  t.equal(resourceOf('urn:$${env:NAME}'), 'urn:${env:NAME}', 'a doubled dollar is literal')
})

t.test('a scalar that is nothing but a port is a number', async (t) => {
  const config = load(
    `gateway: { admin: { host: 127.0.0.1, port: '\${port:95}' } }\n${withRoute(...validRoute)}`,
  )
  t.equal(config.gateway.admin.port, 3095)
})

t.test('what is put in is not followed again', async (t) => {
  t.equal(resourceOf('${env:A}', { A: 'urn:${env:B}', B: 'no' }), 'urn:${env:B}')
})

t.test('what cannot be followed', async (t) => {
  t.match(faultOf('${env:NOPE}'), /the environment variable NOPE is not set/)
  t.match(faultOf('${env:EMPTY}', { EMPTY: '' }), /EMPTY is not set/)
  t.match(faultOf('${env:toString}'), /toString is not set/)
  t.match(faultOf('${file:nope.txt}'), /nope\.txt cannot be read \(ENOENT\)/)
  t.match(faultOf('${file:.}'), /cannot be read \(EISDIR\)/)
  t.match(faultOf('${evn:NAME}'), /is not \$\{env:NAME\}, .*did you mean 'env'\?/)
  t.match(faultOf('${port:99999}'), /above the highest port/)
  t.match(faultOf('urn:${}'), /is not \$\{env:NAME\}/)
})

t.test('a resource that no client could ask a token for', async (t) => {
  for (const text of ['https://api.example/#v1', 'urn:gatehouse:api#', 'https://', 'http://[::1/'])
    t.match(faultOf(`'${text}'`), /is not an absolute URI without a fragment/, text)
  t.equal(resourceOf('https://api.example/v1?x=%23'), 'https://api.example/v1?x=%23')
})

t.test('a fault never shows what a reference holds', async (t) => {
  const message = faultOf('${env:SECRET}', { SECRET: 'hunter2 is not a URI' })
  t.match(message, /\$\{env:SECRET\} is not an absolute URI/)
  t.notMatch(message, /hunter2/)
})
