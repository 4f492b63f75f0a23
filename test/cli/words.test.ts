import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commands } from '../../cli/commands.ts'
import { parse } from '../../cli/parse.ts'
import { commandHelp, overview } from '../../cli/help.ts'
import { runCli } from '../harness/run-cli.ts'
import { runHere } from './admin.ts'
import { root } from '../harness/sources.ts'

t.test('--help lists every command, and each has its own', async (t) => {
  const { code, out } = await runCli(['--help'])
  t.equal(code, 0)
  t.equal(out, `${overview(commands)}\n`)
  for (const [name, command] of commands) {
    t.match(out, name)
    t.match(out, command.summary)
    const help = { code: 0, out: `${commandHelp(name, command)}\n`, err: '' }
    t.same(await runHere([name, '--help'], {}), help)
    t.same(await runHere(['help', name], {}), help)
  }
})

t.test('docs/cli.md has the help of every command as it is', async (t) => {
  const page = readFileSync(join(root, 'docs/cli.md'), 'utf8')
  t.ok(page.includes(`\`\`\`\n${overview(commands)}\n\`\`\``), 'the overview')
  for (const [name, command] of commands) {
    t.ok(page.includes(`\`\`\`\n${commandHelp(name, command)}\n\`\`\``), `${name}; paste what --help prints`)
  }
})

t.test('what is not understood gets the nearest word and exit code 2', async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /which command\?/],
    [['strat'], /unknown command 'strat', did you mean 'start'\?/],
    [['zzzz'], /unknown command 'zzzz'/],
    [['start', '--lgos'], /unknown option '--lgos', did you mean '--logs'\?/],
    [['check', '--config'], /--config takes a value/],
    [['check', '--port-base', '80'], /--port-base takes a number from 1024 to 64000, not '80'/],
    [['keys', '--port-base=-1'], /--port-base takes a number/],
    [['check', '--json=1'], /--json takes no value/],
    [['check', 'this'], /check takes no 'this'/],
    [
      ['clients', 'create', 'x', '--redirect-uris', 'https://a.test/', '--redirect-uris=https://b.test/'],
      /--redirect-uris is given twice/,
    ],
    [['accounts', 'list', '--limit'], /--limit takes a value/],
    [['clients', 'update', 'reports', '--scope', '--name'], /--scope takes a value/],
    [['certs', 'issue', 'x', '--data'], /--data takes a value/],
    [['grants', 'revoke', `-${'a'.repeat(42)}`, '--data'], /--data takes a value/],
    [['constructor'], /unknown command 'constructor'/],
    [['keys', 'rotate', '--emergency'], /keys rotate takes no --emergency: that is for `keys retire`/],
    [['keys', 'retire', 'x', '--force'], /keys retire takes no --force/],
    [
      ['accounts', 'list', '--roles', 'admin'],
      /accounts list takes no --roles: .*`accounts create`, `accounts roles`/,
    ],
    [['accounts', '--name', 'x'], /accounts list takes no --name/],
    [['accounts', 'roles', 'dave', '--role', 'admin'], /accounts roles takes no --role:/],
    [['clients', 'delete', 'x', '--grants', 'y'], /clients delete takes no --grants/],
    [['certs', 'renew', '--host', 'a.example'], /certs renew takes no --host: that is for `certs issue`/],
    [['explain', 'GET', '/', '--scopes', 'orders:read'], /--scopes is of --as/],
    [['explain', 'GET', '/', '--token', 'x', '--roles', 'admin'], /--roles is of --as/],
    [['certs', 'issue', 'x', '--within', '3'], /certs issue takes no --within/],
    [['check', '--constructor'], /unknown option '--constructor'/],
  ]
  for (const [args, expected] of wrong) {
    const { code, out, err } = await runHere(args, {})
    t.equal(code, 2, args.join(' '))
    t.match(err, expected)
    t.equal(out, '', 'nothing on stdout')
  }
})

t.test('with --json what is not understood is JSON on stdout as every other failure', async (t) => {
  for (const args of [
    ['check', '--jsn', '--json'],
    ['certs', '--json'],
    ['zzzz', '--json'],
    ['explain', '--json'],
  ]) {
    const { code, out, err } = await runHere(args, {})
    t.equal(code, 2, args.join(' '))
    t.equal(err, '')
    t.match(JSON.parse(out), { event: 'failed', message: /./, hint: /--help/ })
  }
})

t.test('an id that begins with a hyphen is no option', (t) => {
  const command = commands.get('keys')
  if (command === undefined) throw new Error('no command keys')
  for (const id of [`-${'Ab3_'.repeat(10)}xy`, `--${'Ab3_'.repeat(10)}x`, 'Ab3_'.repeat(10)]) {
    const args = ['retire', id]
    const options = { emergency: true, ring: 'idp' }
    t.match(parse('keys', command, ['retire', id, '--emergency', '--ring', 'idp']), { args, options }, id)
    t.match(parse('keys', command, ['--ring=idp', 'retire', '--emergency', id]), { args, options })
    t.match(parse('keys', command, ['retire', '--emergency', '--ring', 'idp', '--', id]), { args, options })
  }
  const misspelt = { message: /unknown option '--emergancy', did you mean '--emergency'/ }
  t.throws(() => parse('keys', command, ['retire', 'x', '--emergancy']), misspelt)
  t.end()
})

t.test('--version', async (t) => {
  t.match(await runCli(['--version']), { code: 0, out: /^gatehouse \d+\.\d+\.\d+ \(Node \d+\.\d+\.\d+\)\n$/ })
  t.match(JSON.parse((await runCli(['--version', '--json'])).out), {
    event: 'version',
    node: process.versions.node,
  })
})
