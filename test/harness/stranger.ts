import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { startPlatform, type Platform } from './platform.ts'
import { freePort } from './ports.ts'
import { runCli } from './run-cli.ts'

/** Somebody else's service, a process of its own, behind the real gateway. */
export interface Stranger {
  readonly platform: Platform
  /** Through the public door, as a machine. */
  fetch(path: string): Promise<Response>
  /** Straight to the service over mutual TLS, as one of the house's workloads; the status. */
  straight(as: string, path: string, headers?: Readonly<Record<string, string>>): Promise<number>
}

export interface StrangerOptions {
  readonly t: { teardown(run: () => void | Promise<void>): unknown }
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Answers 200 as soon as the service runs. */
  readonly path: string
  /** What is added to the configuration; default: a route to `/api/<name>` and one to what is below. */
  readonly config?: (port: number) => string
}

/** An upstream and its routes, and the certificate that `cli certs issue` makes. */
export async function startStranger(o: StrangerOptions): Promise<Stranger> {
  const port = await freePort()
  const platform = await startPlatform({
    config: (o.config ?? configOf(o.name))(port),
    only: ['idp', 'gateway'],
  })
  o.t.teardown(() => platform.stop())
  const certsDir = platform.paths.certs
  const env = { GATEHOUSE_DATA: platform.paths.dir }
  const issued = await runCli(['certs', 'issue', o.name], { env })
  if (issued.code !== 0) throw new Error(issued.err)
  const token = await platform.token()
  const fetch = (path: string): Promise<Response> => platform.fetch(path, { token })
  const door = platform.url('gateway', 'internal')
  const program = startProgram(o, { certsDir, door, port })
  // While it starts the breaker opens: until one answer is whole, another request is not let through.
  await program.until(async () => {
    const answer = await fetch(o.path)
    await answer.arrayBuffer()
    return answer.status === 200
  })
  const straight: Stranger['straight'] = async (as, path, headers = {}) => {
    const { trustDomain } = platform.config
    const expected = spiffeId(trustDomain, o.name)
    const material = loadWorkload(certsDir, trustDomain, as)
    const pool = createMtlsClient({
      material,
      expected,
      origin: `https://127.0.0.1:${port}`,
      connectTimeoutMs: 15_000,
    })
    try {
      const answer = await pool.request({ method: 'GET', path, headers })
      await answer.body.dump()
      return answer.statusCode
    } finally {
      await pool.destroy()
    }
  }
  return { platform, fetch, straight }
}

interface Program {
  /** Waits until it answers, as long as it runs. */
  until(answers: () => Promise<boolean>): Promise<void>
}

/** Starts it with the environment that docs/services.md names. */
export function startProgram(
  o: StrangerOptions,
  at: {
    readonly certsDir: string
    readonly door: string
    readonly port: number
    readonly trustDomain?: string
  },
): Program {
  const child = spawn(o.command, o.args, {
    cwd: o.cwd,
    env: {
      PATH: process.env['PATH'],
      GATEHOUSE_CERTS: at.certsDir,
      GATEHOUSE_DOOR: at.door,
      GATEHOUSE_TRUST_DOMAIN: at.trustDomain ?? 'gatehouse.local',
      GATEHOUSE_LISTEN: `127.0.0.1:${at.port}`,
      PORT: String(at.port),
      ...o.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  o.t.teardown(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const until: Program['until'] = async (answers) => {
    for (const end = performance.now() + 30_000; !(await answers()); await sleep(50)) {
      if (child.exitCode !== null || performance.now() > end)
        throw new Error(`${o.name} does not answer:\n${said}`)
    }
  }
  return { until }
}

/** A route to `/api/<name>` and one to what is below, for a program that listens there. */
export function configOf(name: string): (port: number) => string {
  return (port) => `
routes:
  - id: ${name}
    match: { path: '/api/${name}', methods: [GET] }
    authn: [bearer]
    authz: { scopes: [orders:read] }
    token: { scopes: ['${name}:read'] }
    upstream: ${name}
  - id: ${name}.more
    match: { path: '/api/${name}/*', methods: [GET] }
    authn: [bearer]
    authz: { scopes: [orders:read] }
    token: { scopes: ['${name}:other'] }
    upstream: ${name}
upstreams:
  ${name}:
    targets: ['https://127.0.0.1:${port}']
    identity: ${name}
    # A virtual machine that has just begun, on a machine with much to do, may need long for a handshake.
    timeouts: { connect: 5s }
`
}
