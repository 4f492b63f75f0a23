import t from 'tap'
import { faultsOf, load, validRoute, withRoute } from './config-load.ts'

const routes = withRoute(...validRoute).split('\nupstreams:')[0] ?? ''

function config(...upstreams: readonly string[]): string {
  return [routes, 'upstreams:', ...upstreams.map((line) => `  ${line}`)].join('\n')
}

function messages(...upstreams: readonly string[]): readonly string[] {
  return faultsOf(config(...upstreams)).map(({ path, message }) => `${path} ${message}`)
}

t.test('plain upstreams are on this machine', async (t) => {
  for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080', '127.8.9.10']) {
    const { things } = load(config(`things: { targets: ['http://${host}'], plain: true }`)).upstreams
    t.match(things, { plain: true, identity: 'things' }, host)
  }
  for (const host of [
    '10.0.0.1',
    'example.com',
    '0.0.0.0',
    '[::]',
    'localhost.example.com',
    '[::ffff:a00:1]',
  ]) {
    t.match(
      messages(`things: { targets: ['http://${host}'], plain: true }`),
      [/targets\[0\] is no loopback address/],
      host,
    )
  }
})

t.test('what is not written out, or contradicts itself, is a fault', async (t) => {
  const url = "'http://127.0.0.1:8080'"
  t.match(messages(`things: { targets: [${url}], identity: things }`), [
    /^upstreams\.things\.targets\[0\] is not encrypted/,
  ])
  t.match(messages(`things: { targets: [{ url: ${url} }], identity: things }`), [
    /targets\[0\]\.url is not encrypted/,
  ])
  t.match(messages(`things: { targets: [${url}] }`), [/'identity' is missing/, /is not encrypted/])
  t.match(messages(`things: { targets: [${url}], plain: true, identity: things }`), [
    /cannot be proven without TLS/,
  ])
  t.match(messages("things: { targets: ['https://localhost:1'], plain: true }"), [/is not plain/])
  t.match(
    messages(
      `things: { targets: [${url}], plain: true }`,
      "other: { targets: ['https://localhost:1'], identity: things }",
    ),
    [/^upstreams\.things 'things' is the identity of another upstream/],
    'its tokens would be for that workload',
  )
})
