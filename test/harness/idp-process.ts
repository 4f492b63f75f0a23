import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { http } from '@gatehouse/kit/http/node-http'
import { stringify } from 'yaml'
import type { Config } from '@gatehouse/kit/config/types'
import { composeConfig } from './config.ts'
import { isRecord } from './json.ts'
import { freePortBase } from './ports.ts'
import { root } from './sources.ts'

export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
  /** The body as JSON; undefined when it is none. */
  json(): unknown
}

export interface ToSend {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

/** An identity server in a process of its own, as production runs it. */
export interface IdpProcess {
  readonly url: string
  /** Asks it as a load balancer would: the connection goes to this process, `Host` names the issuer. */
  send(path: string, init?: ToSend): Promise<Answer>
  /** Ends it at once, in the middle of whatever it does. */
  kill(): Promise<void>
}

/**
 * Starts another identity server on the data folder and the database of a platform, on ports of its own.
 * @param platform needs nothing but its configuration and paths: its own identity server may run or not
 * @param patch the same that the platform was started with
 * @param options.inItsPlace it listens where the issuer is: the platform's own must have been stopped
 */
export async function startIdpProcess(
  t: { teardown(run: () => Promise<void>): unknown },
  platform: { readonly config: Config; readonly paths: { readonly dir: string } },
  patch?: string,
  options: { readonly inItsPlace?: boolean } = {},
): Promise<IdpProcess> {
  const { issuer, idp } = platform.config
  const base = await freePortBase()
  const file = join(platform.paths.dir, `idp-${base}.yaml`)
  const port = options.inItsPlace === true ? Number(new URL(issuer).port) : base + 1
  const here = stringify({
    issuer,
    gateway: { origin: platform.config.gateway.origin },
    idp: { store: idp.store, listen: { host: 'localhost', port } },
  })
  writeFileSync(file, composeConfig(patch, here))
  const env = {
    GATEHOUSE_DATA: platform.paths.dir,
    GATEHOUSE_CONFIG: file,
    GATEHOUSE_PORT_BASE: String(base),
  }
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = fork(join(root, 'idp/main.ts'), {
    env: { PATH, NODE_COMPILE_CACHE, ...env },
    // The test runner's own flags are not for it.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  t.teardown(kill)
  const [message]: unknown[] = await once(child, 'message', { signal: AbortSignal.timeout(20_000) })
  if (!isRecord(message) || message['type'] !== 'ready')
    throw new Error(`not started: ${JSON.stringify(message)}`)
  const url = `http://localhost:${port}`
  return { url, kill, send: (path, init = {}) => send(new URL(path, url), new URL(issuer).host, init) }
}

async function send(url: URL, host: string, { method, headers, form }: ToSend): Promise<Answer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString()
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  const asked = http.request(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...type, ...headers, host },
    // Each on a connection of its own, so that none waits for another.
    agent: false,
    signal: AbortSignal.timeout(20_000),
  })
  asked.end(body)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  asked.once('error', reject)
  asked.once('response', (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('error', reject)
    response.once('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const { statusCode: status = 0, headers: got } = response
      resolve({ status, location: got.location, text, json: () => JSON.parse(text) })
    })
  })
  return promise
}
