// Prints a configuration of the OpenID Foundation's suite for the plans of OpenID Connect, with the clicks that its browser makes:
//   node docs/examples/certification/suite.mjs .data/credentials.json [dynamic | static | told] > suite.json
import { readFileSync } from 'node:fs'

const issuer = 'https://idp.gatehouse.test:9443'
const [, , file = '.data/credentials.json', registration = 'dynamic'] = process.argv
const { users } = JSON.parse(readFileSync(file, 'utf8'))
const { password } = users.find(({ username }) => username === 'alice')

const go = ['click', 'css', 'main button']
const signIn = [
  ['text', 'id', 'username', 'alice', 'optional'],
  ['text', 'id', 'password', password, 'optional'],
  go,
]
/** What a person would photograph: the page shows this. */
const shown = (words, kind = 'update-image-placeholder') => ['wait', 'xpath', '//*', 10, words, kind]
const page = (path, commands, optional = false) => ({
  task: path,
  match: `${issuer}${path}*`,
  commands,
  optional,
})
const back = {
  task: 'back',
  match: '*/test/*/callback*',
  commands: [['wait', 'id', 'submission_complete', 10]],
}
const start = (path, ...tasks) => ({ match: `${issuer}${path}*`, tasks })

const authorize = start(
  '/oauth/authorize',
  page('/interaction', signIn, true),
  page('/interaction', [go], true),
  back,
)
const signOut = [page('/oauth/logout', [go])]
const ends = (...tasks) => ({ browser: [authorize, start('/oauth/logout', ...tasks)] })
const refused = { browser: [start('/oauth/authorize', page('/oauth/authorize', [shown('redirect_uri')]))] }
const again = {
  browser: [
    start(
      '/oauth/authorize',
      page('/interaction', [shown('Sign in', 'update-image-placeholder-optional'), ...signIn], true),
      page('/interaction', [go], true),
      back,
    ),
  ],
}
const consent = {
  browser: [
    start('/oauth/authorize', page('/interaction', signIn), page('/interaction', [shown('act for you')])),
  ],
}
const notThere = ends(page('/oauth/logout', [shown('post_logout_redirect_uri|id_token_hint')]))
const asked = ends(page('/oauth/logout', [shown('Sign out')]))
const signedOut = ends(...signOut, page('/oauth/logout', [shown('signed out')]))

const client = (id, secret) => ({ client_id: id, client_secret: secret })
const known = {
  client: client('suite-1', 'the-first-secret-of-the-suite-0001'),
  client2: client('suite-2', 'the-second-secret-of-the-suite-002'),
  client_secret_post: client('suite-post', 'the-third-secret-of-the-suite-0003'),
}
const clients = {
  dynamic: { client: { client_name: 'first' }, client2: { client_name: 'second' } },
  static: known,
  /** Static too, for the plan of back-channel logout. */
  told: { ...known, client: client('suite-told', 'the-fourth-secret-of-the-suite-004') },
}

const configuration = {
  alias: 'gatehouse',
  description: 'Gatehouse',
  server: { discoveryUrl: `${issuer}/.well-known/openid-configuration` },
  ...clients[registration],
  browser: [
    authorize,
    start('/oauth/logout', ...signOut, { task: 'back', match: '*/test/*/post_logout_redirect*' }),
  ],
  override: {
    'oidcc-prompt-login': again,
    'oidcc-max-age-1': again,
    'oidcc-ensure-registered-redirect-uri': refused,
    'oidcc-ensure-redirect-uri-in-authorization-request': refused,
    'oidcc-redirect-uri-query-added': refused,
    'oidcc-redirect-uri-query-mismatch': refused,
    'oidcc-registration-logo-uri': consent,
    'oidcc-registration-policy-uri': consent,
    'oidcc-registration-tos-uri': consent,
    'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri': notThere,
    'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': notThere,
    'oidcc-rp-initiated-logout-modified-id-token-hint': notThere,
    'oidcc-rp-initiated-logout-bad-id-token-hint': notThere,
    'oidcc-rp-initiated-logout-no-id-token-hint': asked,
    'oidcc-rp-initiated-logout-no-params': signedOut,
    'oidcc-rp-initiated-logout-no-post-logout-redirect-uri': signedOut,
    'oidcc-rp-initiated-logout-only-state': signedOut,
  },
}
process.stdout.write(`${JSON.stringify(configuration, undefined, 2)}\n`)
