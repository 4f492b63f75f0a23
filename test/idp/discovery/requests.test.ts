import t, { type Test } from 'tap'
import { jwtParts } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { Admin } from '../admin.ts'
import { authorizeUrl, newPkce, outcome } from '../native.ts'
import { Person } from '../person.ts'
import { codeFlow } from './flow.ts'
import { inEachSetting, redirect, type Setting } from './setting.ts'

/** What a request leads to: pages, an error, or a code. */
async function answerTo(
  setting: Setting,
  id: string,
  params: Readonly<Record<string, string>>,
  person = new Person(),
): Promise<string> {
  const asked = { client_id: id, redirect_uri: redirect, scope: 'openid', ...params }
  const seen = await person.open(authorizeUrl(setting.issuer, newPkce(), asked))
  const location = seen.headers.get('location') ?? ''
  if (location.startsWith('/interaction/')) return 'a page'
  return /[?&#]error=(\w+)/.exec(location)?.[1] ?? (location.includes('code=') ? 'a code' : seen.html)
}

t.test('prompt', (t) =>
  inEachSetting(t, async (t, setting) => {
    const { id } = await setting.register()
    const listed = setting.listed('prompt_values_supported')
    for (const prompt of ['none', 'login', 'consent', 'select_account', 'create', 'other']) {
      const answer = await answerTo(setting, id, { prompt })
      const good = prompt === 'none' ? 'login_required' : 'a page'
      t.equal(answer, listed.includes(prompt) ? good : 'invalid_request', prompt)
    }
  }),
)

t.test('acr_values', (t) =>
  inEachSetting(t, async (t, setting) => {
    const client = await setting.register()
    const person = new Person()
    const listed = setting.listed('acr_values_supported').map(String)
    t.ok(listed.length > 0)
    const essential = (value: string) => JSON.stringify({ id_token: { acr: { essential: true, value } } })
    for (const acr of listed.slice(0, 1)) {
      const { tokens } = await codeFlow(setting, client, { acr_values: acr }, { person })
      t.equal(jwtParts(textField(tokens, 'id_token')).payload['acr'], acr)
    }
    for (const acr of ['aal3', 'urn:mace:incommon:iap:silver', '0']) {
      const answer = await answerTo(setting, client.id, { claims: essential(acr) }, person)
      t.equal(answer, 'unmet_authentication_requirements', acr)
    }
  }),
)

t.test('subject types', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('subject_types_supported')
    const person = new Person()
    const subjects = new Set<unknown>()
    for (const subject_type of ['public', 'pairwise', 'ephemeral']) {
      if (!listed.includes(subject_type)) {
        t.equal(await outcome(await setting.tryRegister({ subject_type })), '400 invalid_client_metadata')
        continue
      }
      const { tokens } = await codeFlow(setting, await setting.register({ subject_type }), {}, { person })
      subjects.add(jwtParts(textField(tokens, 'id_token')).payload['sub'])
    }
    t.equal(subjects.size, listed.length)
  }),
)

t.test('languages, and who answers', (t) =>
  inEachSetting(t, async (t, setting) => {
    const { id } = await setting.register()
    for (const ui_locales of setting.listed('ui_locales_supported').map(String)) {
      const asked = { client_id: id, redirect_uri: redirect, scope: 'openid', ui_locales }
      const person = new Person()
      const page = await person.follow(await person.open(authorizeUrl(setting.issuer, newPkce(), asked)))
      t.match(page.html, `<html lang="${ui_locales}"`)
    }
    t.equal(setting.metadata['authorization_response_iss_parameter_supported'], true)
    const refused = authorizeUrl(setting.issuer, newPkce(), {
      client_id: id,
      redirect_uri: redirect,
      prompt: 'none',
    })
    const location = new URL((await new Person().open(refused)).headers.get('location') ?? '')
    t.equal(location.searchParams.get('iss'), setting.issuer, 'RFC 9207')
  }),
)

async function knowsDocuments(t: Test, setting: Setting): Promise<void> {
  const isSaid = setting.metadata['client_id_metadata_document_supported'] === true
  // Nobody is asked: the address is one that the server never calls.
  const answer = await answerTo(setting, 'https://127.0.0.1:9/agent.json', {})
  t.notMatch(answer, 'a page')
  t.equal(isSaid, setting.platform.config.idp.protocol.metadataDocuments !== undefined)
}

t.test('clients by the URL of their metadata', (t) => inEachSetting(t, knowsDocuments))

t.test('how clients of the back channel are told', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('backchannel_token_delivery_modes_supported')
    t.equal(listed.length > 0, 'backchannel_authentication_endpoint' in setting.metadata)
    const admin = await Admin.of(setting.platform)
    for (const mode of ['poll', 'ping', 'push']) {
      const { status } = await admin.send('POST', '/clients', {
        grant_types: ['urn:openid:params:grant-type:ciba'],
        response_types: [],
        redirect_uris: [],
        backchannel_token_delivery_mode: mode,
        ...(mode === 'poll' ? {} : { backchannel_client_notification_endpoint: 'https://app.example/ping' }),
      })
      if (listed.length > 0) t.equal(status, listed.includes(mode) ? 201 : 422, mode)
      else t.equal(status, 422, `${mode}: the grant is off`)
    }
  }),
)

t.test('back-channel logout can be registered for', (t) =>
  inEachSetting(t, async (t, setting) => {
    t.equal(setting.metadata['backchannel_logout_supported'], true)
    t.equal(setting.metadata['backchannel_logout_session_supported'], true)
    const logout = {
      backchannel_logout_uri: 'https://app.example/out',
      backchannel_logout_session_required: true,
    }
    const answer: unknown = await (await setting.tryRegister(logout)).json()
    t.match(answer, logout)
    const front: unknown = await (await setting.tryRegister({ frontchannel_logout_uri: redirect })).json()
    t.notMatch(JSON.stringify(front), 'frontchannel', 'what is not listed is not taken')
  }),
)
