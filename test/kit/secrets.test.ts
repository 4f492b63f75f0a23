import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MasterKey, SecretsError, type SecretsCode } from '@gatehouse/kit/secrets'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'

const key = MasterKey.generate()

function refuses(on: Test, run: () => unknown, code: SecretsCode): void {
  try {
    run()
    on.fail('nothing was thrown')
  } catch (error) {
    on.ok(error instanceof SecretsError, 'a SecretsError')
    on.has(error, { code })
  }
}

function folder(on: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'))
  on.teardown(() => rmSync(path, { recursive: true }))
  return path
}

t.test('opens what it sealed, whatever the text', async (on) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (plain, context) => {
      return key.open(key.seal(plain, context), context) === plain
    }),
  )
  on.not(key.seal('same', 'c'), key.seal('same', 'c'), 'two envelopes of one text differ')
})

t.test('refuses an envelope in another place, under another key, or of no form at all', async (on) => {
  const envelope = key.seal('secret', 'accounts.totp:1')
  refuses(on, () => key.open(envelope, 'accounts.totp:2'), 'not_authentic')
  refuses(on, () => MasterKey.generate().open(envelope, 'accounts.totp:1'), 'unknown_key')
  for (const broken of ['', 'v1', 'v2' + envelope.slice(2), `${envelope}.x`, envelope.slice(0, 20)]) {
    refuses(on, () => key.open(broken, 'accounts.totp:1'), 'malformed')
  }
})

t.test('refuses an envelope of which any one character was changed', async () => {
  const envelope = key.seal('a secret of some length', 'c')
  for (let at = 0; at < envelope.length; at++) {
    const other = envelope[at] === 'A' ? 'B' : 'A'
    const changed = envelope.slice(0, at) + other + envelope.slice(at + 1)
    try {
      key.open(changed, 'c')
      t.fail(`accepted a change at ${at}`)
    } catch (error) {
      if (!(error instanceof SecretsError)) t.fail(`threw something else at ${at}`)
    }
  }
})

t.test('an envelope does not open under a key that claims the same id', async (on) => {
  const [version, , body] = key.seal('secret', 'c').split('.')
  const other = MasterKey.generate()
  const otherId = other.seal('x', 'c').split('.')[1]
  refuses(on, () => other.open(`${version}.${otherId}.${body}`, 'c'), 'not_authentic')
})

t.test('a key file is made with mode 0600, once, and read back', async (on) => {
  const path = join(folder(on), 'master.key')
  key.writeNew(path)
  on.equal(statSync(path).mode & 0o777, 0o600)
  on.equal(MasterKey.fromFile(path).open(key.seal('x', 'c'), 'c'), 'x')
  on.throws(() => MasterKey.generate().writeNew(path), { code: 'EEXIST' }, 'a key is never overwritten')
})

t.test('a new key on top of the file seals, the old one still opens', async (on) => {
  const path = join(folder(on), 'master.key')
  key.writeNew(path)
  const old = key.seal('x', 'c')
  const next = join(folder(on), 'next.key')
  MasterKey.generate().writeNew(next)
  writeFileSync(path, readFileSync(next, 'utf8') + readFileSync(path, 'utf8'))
  const both = MasterKey.fromFile(path)
  on.equal(both.open(old, 'c'), 'x')
  on.ok(both.verifyMac(key.mac('t', 'c'), 't', 'c'))
  refuses(on, () => key.open(both.seal('y', 'c'), 'c'), 'unknown_key')
})

t.test(
  'a key file that is missing, empty or holds something else is refused without showing it',
  async (on) => {
    const path = join(folder(on), 'master.key')
    refuses(on, () => MasterKey.fromFile(path), 'unreadable_key')
    for (const content of [
      '',
      '\n',
      'password123',
      Buffer.alloc(31).toString('base64url'),
      'A'.repeat(43) + '=',
    ]) {
      writeFileSync(path, content)
      refuses(on, () => MasterKey.fromFile(path), 'unreadable_key')
    }
    writeFileSync(path, 'password123')
    try {
      MasterKey.fromFile(path)
    } catch (error) {
      on.notMatch(String(error), 'password123')
    }
  },
)

t.test('a MAC fits its text, its context and its key only', async (on) => {
  const tag = key.mac('text', 'context')
  on.ok(key.verifyMac(tag, 'text', 'context'))
  on.notOk(key.verifyMac(tag, 'texT', 'context'))
  on.notOk(key.verifyMac(tag, 'text', 'other'))
  on.notOk(MasterKey.generate().verifyMac(tag, 'text', 'context'))
  on.notOk(key.verifyMac('', 'text', 'context'))
  on.notOk(key.verifyMac(tag.slice(0, -1), 'text', 'context'))
})
