import { adminOrigin } from '@gatehouse/kit/admin/origin'
import { StartError } from '@gatehouse/kit/errors'
import { type Command, type Invocation, UsageError } from './command.ts'
import { isRecord } from './json.ts'
import { json, places } from './options.ts'
import { readSettings } from './settings.ts'

export const explain: Command = {
  summary: 'Tells what the gateway would do with a request, without sending it',
  args: 'METHOD PATH',
  details: [
    'Which route takes it and why the others do not, what each stage says, and the claims of the internal token. The',
    'running gateway is asked, on its admin listener, so that the answer comes from the table that serves requests.',
    'A token is better read from a variable than written down: --token "$TOKEN". Nothing is counted or logged.',
    "A browser is known by its headers: --header 'accept: text/html' asks for somebody who opens the page.",
    'Exit code 0: it would be forwarded, or served by the gateway itself. 1: it would be refused or sent to sign in, or no',
    'gateway runs.',
  ].join('\n'),
  options: {
    ...places,
    host: { type: 'string', value: 'host', describe: "Host of the request (the gateway's own)" },
    header: { type: 'string', value: 'name: value', describe: 'a header of the request' },
    token: { type: 'string', value: 'token', describe: 'access token, which is verified' },
    as: {
      type: 'string',
      value: 'subject',
      describe: 'instead of a token: somebody with this name, assumed',
    },
    scopes: { type: 'string', value: 'list', describe: 'of --as (those that the route asks for)' },
    roles: { type: 'string', value: 'list', describe: 'of --as (none)' },
    acr: { type: 'string', value: 'acr', describe: 'of --as: how it signed in' },
    json,
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { terminal, options, env } = invocation
  const question = questionOf(invocation)
  const { configFile, dataDir, portBase } = readSettings(invocation)
  const { loadConfig } = await import('@gatehouse/kit/config/load')
  const { admin } = loadConfig({ file: configFile, dataDir, portBase, env }).gateway
  const answer = await ask(`${adminOrigin(admin)}/explain`, question)
  const { isServed, showExplanation } = await import('./explain/show.ts')
  terminal.out(
    options['json'] === true ? JSON.stringify({ event: 'explained', ...answer }) : showExplanation(answer),
  )
  return isServed(answer) ? 0 : 1
}

/** Options that say of whom --as names what would be in a token. */
const ofAs = ['scopes', 'roles', 'acr'] as const

function questionOf({ args, options }: Invocation): object {
  const [method, path, ...more] = args
  if (method === undefined || path === undefined || more.length > 0) {
    throw new UsageError('explain takes a method and a path (see: explain --help)')
  }
  if (!path.startsWith('/')) throw new UsageError(`'${path}' is no path: it begins with '/'`)
  const { host, token, as, acr } = options
  if (token !== undefined && as !== undefined) throw new UsageError('--token or --as, not both')
  const alone = ofAs.find((name) => options[name] !== undefined)
  if (as === undefined && alone !== undefined)
    throw new UsageError(`--${alone} is of --as (see: explain --help)`)
  const assumed = { sub: as, scopes: list(options['scopes']), roles: list(options['roles']), acr }
  return {
    method: method.toUpperCase(),
    path,
    host,
    token,
    headers: headerOf(options['header']),
    as: as === undefined ? undefined : assumed,
  }
}

function list(value: string | boolean | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? value.split(/[ ,]+/).filter(Boolean) : undefined
}

function headerOf(value: string | boolean | undefined): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'string') return undefined
  const [, name, text] = /^([\w-]+): *(.*)$/.exec(value) ?? []
  if (name === undefined || text === undefined) throw new UsageError(`'${value}' is no 'name: value'`)
  return { [name]: text }
}

async function ask(url: string, question: object): Promise<Readonly<Record<string, unknown>>> {
  const response = await post(url, question)
  // Something else may listen there, whose answer is anything.
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok && isRecord(answer)) return answer
  throw new StartError(`the gateway at ${url} did not understand the question (${response.status})`, {
    hint: 'is this the gateway of the same version, and this machine its own?',
  })
}

async function post(url: string, question: object): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
      signal: AbortSignal.timeout(10_000),
    })
  } catch (error) {
    throw new StartError(`no gateway runs at ${new URL(url).origin}, its admin listener`, {
      hint: "start it ('npm start'), or name its configuration with --config and --port-base",
      cause: error,
    })
  }
}
