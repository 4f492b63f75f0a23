import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root, sourcesIn } from './harness/sources.ts'

const parts = ['kit', 'idp', 'gateway', 'services', 'cli'] as const
const ours = /^(?:kit|idp|gateway|services\/[^/]+|cli|test|bench)(?=\/)/

function partOf(path: string): string | undefined {
  return ours.exec(path)?.[0]
}

const sources = parts.flatMap((part) => sourcesIn(part))

t.test('there is something to look at in every part', async (t) => {
  for (const part of parts) {
    const seen = sources.filter(({ file }) => file.startsWith(`${part}/`)).length
    t.ok(seen > 3, `${part}: ${seen} files; with none, every rule below would hold`)
  }
})

t.test('imports run one way: gateway | idp | services/* | cli → kit → npm', async (t) => {
  const faults = sources.flatMap(({ file, imports }) =>
    imports
      .filter((target) => {
        const [from, to] = [partOf(file), partOf(target)]
        return to !== undefined && to !== from && to !== 'kit'
      })
      .map((target) => `${file} imports ${target}`),
  )
  t.same(
    faults,
    [],
    'parts are separate processes; what two of them must agree on belongs into kit (design.md, 2)',
  )
})

t.test('kit is packed alone, so it is imported by its name', async (t) => {
  const faults = sources
    .filter(({ file }) => partOf(file) !== 'kit')
    .filter(({ text }) => /['"](?:\.\.\/)+kit\//.test(text))
    .map(({ file }) => file)
  t.same(faults, [], "write '@gatehouse/kit/…': a path would work here and nowhere else")
})

/** From the user to the used; a file may import what is on its own line or below. */
const gatewayLayers: readonly (readonly string[])[] = [
  ['main.ts'],
  ['start.ts'],
  ['app.ts', 'sites', 'internal', 'keys.ts', 'admin', 'reload', 'explain'],
  ['deps.ts'],
  ['sessions', 'web', 'describe', 'store.ts', 'events'],
  [
    'pipeline',
    'authn',
    'authz',
    'cors',
    'introspection',
    'limits',
    'overload',
    'token',
    'contract',
    'http2',
    'routing',
    'revocation',
    'websocket',
    'log',
    'http',
    'metrics.ts',
    'valkey.ts',
  ],
  ['upstream'],
]

function gatewayLayer(path: string): number {
  return gatewayLayers.findIndex((names) => names.includes(path.split('/')[1] ?? ''))
}

t.test('inside the gateway: main → app → deps → sessions → pipeline stages → upstream', async (t) => {
  const own = sources.filter(({ file }) => partOf(file) === 'gateway')
  t.same(
    own.map(({ file }) => file).filter((file) => gatewayLayer(file) === -1),
    [],
    'give a new folder its place in gatewayLayers',
  )
  const faults = own.flatMap(({ file, imports }) =>
    imports
      .filter((target) => partOf(target) === 'gateway' && gatewayLayer(target) < gatewayLayer(file))
      .map((target) => `${file} imports ${target}`),
  )
  t.same(faults, [], 'what is used must not know its user, or nothing can be tested or replaced alone')
})

t.test("oidc-provider's internals are reached through one file", async (t) => {
  const faults = sources
    .filter(({ imports }) => imports.some((target) => target.startsWith('oidc-provider/')))
    .map(({ file }) => file)
  t.same(
    faults.filter((file) => file !== 'idp/provider/internals.ts'),
    [],
    'a deep import breaks on any release, so there is one seam to look at (idp/provider/internals.ts)',
  )
})

t.test('what is slow to load is loaded in one place, in parts', async (t) => {
  // Types cost nothing.
  const valueImport =
    /^import (?!type\b)[^'"]*?from '(kysely|undici|node:http|openid-client|@fastify\/(?:jwt|rate-limit))'/gm
  const allowed = new Map([
    ['cli/client.ts', 'undici'],
    // Loaded themselves when they are needed (test/gateway/loaded.test.ts).
    ['gateway/sessions/idp-client.ts', 'openid-client'],
    ['gateway/sessions/idp-answer.ts', 'openid-client'],
    ['gateway/sessions/discovery.ts', 'openid-client'],
    ['gateway/introspection/foreign.ts', 'openid-client'],
  ])
  const faults = sources.flatMap(({ file, text }) =>
    [...text.matchAll(valueImport)]
      .map(([, name]) => name)
      .filter((name) => allowed.get(file) !== name)
      .map((name) => `${file} imports ${name}`),
  )
  t.same(
    faults,
    [],
    'kit/store/kysely.ts, kit/http/undici.ts and kit/http/node-http.ts say what it costs each process at each start',
  )
})

t.test('no file or folder is called after nothing in particular', async (t) => {
  const faults = sources
    .map(({ file }) => file)
    .filter((file) => /(?:^|\/)(?:utils?|helpers?|common|shared|misc)(?:\.ts|\.mjs|\/)/.test(file))
  t.same(faults, [], 'a file is named after what is in it; `utils` is where things go to be forgotten')
})

t.test('the folders are those of the map', async (t) => {
  const allowed = new Set([...parts, 'test', 'bench', 'deploy', 'docs', 'node_modules'])
  const found = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
  t.same(
    found.filter((name) => !allowed.has(name)),
    [],
    'design.md section 2 is the map: change it first',
  )
  t.ok(parts.every((part) => existsSync(join(root, part))))
})
