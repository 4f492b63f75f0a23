import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { runCli } from '../harness/run-cli.ts'
import { root } from '../harness/sources.ts'

const data = t.testdir()
const certs = join(data, 'certs')
mkdirSync(certs)
const ca = createCa({ trustDomain: 'gatehouse.test', days: 30, now: new Date() })
writeFileSync(join(certs, 'ca.pem'), ca.certPem)
writeFileSync(join(certs, 'ca.key'), ca.keyPem)
const cli = (...args: string[]) => runCli(['certs', ...args, '--data', data])

t.test('issue, list, renew, revoke, rotate', async (t) => {
  const issued = await cli('issue', 'parcels', '--host', 'parcels.internal,10.0.0.7', '--days', '5', '--json')
  t.equal(issued.code, 0, issued.err)
  const event = JSON.parse(issued.out)
  t.match(event, { event: 'issued', name: 'parcels', spiffe_id: 'spiffe://gatehouse.test/parcels' })
  t.equal(loadWorkload(certs, 'gatehouse.test', 'parcels').spiffeId, 'spiffe://gatehouse.test/parcels')
  t.equal(statSync(join(certs, 'parcels.key')).mode & 0o777, 0o600)

  const list = /^CA of gatehouse\.test until .*\nvalid spiffe:\/\/gatehouse\.test\/parcels until .*\n$/
  t.match(await cli('list'), { code: 0, out: list })
  t.match(await cli('renew', '--within', '1'), { code: 0, out: 'nothing expires that soon\n' })
  const renewed = JSON.parse((await cli('renew', '--json')).out)
  t.match(renewed, { event: 'renewed', name: 'parcels' })
  t.not(renewed.serial, event.serial)

  t.match(await cli('rotate', '--settle', '0'), { code: 0, out: /forgetting the old CA\nrenewed .*parcels/ })
  t.equal((await cli('revoke', 'parcels')).code, 0)
  t.match((await cli('list')).out, /^CA of .*\nrevoked [0-9A-F]+\n$/)
  t.same(readdirSync(certs).toSorted(), [
    'ca.key',
    'ca.pem',
    'crl.pem',
    'replaced.txt',
    'revoked.txt',
    'rotate.lock',
  ])
})

t.test('list tells until when each CA is valid, and what is valid no more', async (t) => {
  const long = createCa({ trustDomain: 'gatehouse.test', days: 90, now: new Date() })
  const weekAgo = new Date(Date.now() - 7 * 86_400_000)
  const late = { name: 'late', trustDomain: 'gatehouse.test', hosts: [], days: 1, now: weekAgo }
  const place = t.testdir({
    certs: { 'ca.pem': `${long.certPem}${ca.certPem}`, 'late.pem': issueWorkload({ ca, ...late }).certPem },
  })
  const { out } = await runCli(['certs', 'list', '--json', '--data', place])
  const [first, second, third] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(first, { event: 'ca', trust_domain: 'gatehouse.test', not_after: expiryOf(long.certPem) })
  t.match(second, { event: 'ca', not_after: expiryOf(ca.certPem) }, 'the one that is being replaced')
  t.match(third, { event: 'expired', name: 'late' })
  const told = await runCli(['certs', 'list', '--data', place])
  t.match(told.out, /\nexpired spiffe:\/\/gatehouse\.test\/late at .*\n$/)
})

function expiryOf(pem: string): string {
  return new X509Certificate(pem).validToDate.toISOString()
}

t.test('keep renews what is due, and ends when it is told', async (t) => {
  const place = t.testdir({ certs: { 'ca.pem': ca.certPem, 'ca.key': ca.keyPem } })
  const args = ['certs', 'keep', '--json', '--within', '2', '--data', place]
  const due = await runCli(['certs', 'issue', 'parcels', '--days', '1', '--data', place])
  t.equal(due.code, 0, due.err)
  const child = spawn(process.execPath, [join(root, 'cli/bin.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [line]: unknown[] = await once(child.stdout, 'data')
  t.match(JSON.parse(String(line)), { event: 'renewed', name: 'parcels' })
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
  t.match(await runCli(['certs', 'keep', '--data', t.testdir({})]), {
    code: 1,
    err: /there is no CA with its key/,
  })
})

t.test('what cannot be done is said', async (t) => {
  const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[], 2, /certs: what\?/],
    [['isue', 'x'], 2, /unknown action 'isue', did you mean 'issue'\?/],
    [['issue'], 2, /takes one name/],
    [['list', 'x'], 2, /takes no name/],
    [['issue', 'x', '--days', 'many'], 2, /--days takes a whole number/],
    [['issue', 'x', '--days', '0'], 2, /--days takes at least 1/],
    [['renew', '--days', '0'], 2, /--days takes at least 1/],
    [['issue', 'x', '--host', 'a.example, b.example'], 2, /--host takes .*with commas/],
    [['issue', 'x', '--host', 'a.example,,'], 2, /--host takes .*with commas/],
    [['issue', '../x'], 1, /is no name for a workload/],
    [['revoke', 'nobody'], 1, /there is no certificate of nobody/],
  ]
  for (const [args, code, message] of wrong) {
    const ended = await cli(...args)
    t.equal(ended.code, code, args.join(' '))
    t.match(ended.err, message)
  }
  const empty = await runCli(['certs', 'issue', 'x', '--data', t.testdir({ certs: {} })])
  t.match(empty, { code: 1, err: /there is no CA with its key/ })
  const nowhere = join(data, 'nowhere')
  for (const word of ['list', 'renew']) {
    const ended = await runCli(['certs', word, '--data', nowhere])
    t.match(ended, {
      code: 1,
      out: '',
      err: /^gatehouse: there are no certificates in .*nowhere\/certs\n.*\n$/,
    })
    t.match(JSON.parse((await runCli(['certs', word, '--json', '--data', nowhere])).out), { event: 'failed' })
  }
})

t.test('a folder that cannot be used is said in two lines, whatever was asked of it', async (t) => {
  const places = t.testdir({
    file: { certs: 'not a folder' },
    folder: { certs: { 'ca.pem': {} } },
    damaged: { certs: { 'ca.pem': ca.certPem.replace(/^MII/m, 'AAA'), 'ca.key': ca.keyPem } },
  })
  for (const [name, why] of [
    ['file', /the data folder .* cannot be used: .*\(ENOTDIR, certs\/ca\.pem\)/],
    ['folder', /the data folder .* cannot be used: .*\(EISDIR\)/],
    ['damaged', /there is no CA with its key/],
  ] as const) {
    const place = join(places, name)
    for (const words of [['issue', 'x'], ['revoke', 'x'], ['rotate'], ['keep']]) {
      const ended = await runCli(['certs', ...words, '--data', place])
      t.match(ended, { code: 1, out: '', err: why }, words.join(' '))
      t.match(ended.err, /^gatehouse: .*\n {2}.*\n$/, 'two lines')
    }
    const ended = await runCli(['certs', 'issue', 'x', '--json', '--data', place])
    t.match(JSON.parse(ended.out), { event: 'failed', message: why })
  }
})
