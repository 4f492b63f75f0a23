import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { suggestion } from './nearest.ts'

/** What the `${…}` of a configuration may refer to. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative `${file:…}` paths start here. */
  readonly baseDir: string
  readonly dataDir: string
  /** Folder of Gatehouse itself. */
  readonly homeDir: string
  readonly portBase: number
}

const reference = /\$\$\{|\$\{([^}]*)\}/g
const wholePort = /^\$\{port:(\d{1,5})\}$/
const maxFileBytes = 64 * 1024
const maxPort = 65_535

/**
 * Replaces `${env:NAME}`, `${file:PATH}` (without its last line break), `${port:N}` (port base + N), `${data}`
 * and `${home}` in a scalar; `$${` stands for a literal `${`. A scalar that is nothing but `${port:N}` becomes a
 * number.
 * @param fault called for each reference that cannot be followed; never with what a reference holds
 */
export function interpolate(
  text: string,
  from: Surroundings,
  fault: (message: string) => void,
): string | number {
  const port = wholePort.exec(text)?.[1]
  if (port !== undefined) return portAt(port, from, fault)
  return text.replaceAll(reference, (whole, inner: string | undefined) => {
    if (inner === undefined) return '${'
    return follow(whole, inner, from, fault)
  })
}

function follow(whole: string, inner: string, from: Surroundings, fault: (message: string) => void): string {
  const colon = inner.indexOf(':')
  const kind = colon < 0 ? inner : inner.slice(0, colon)
  const argument = colon < 0 ? '' : inner.slice(colon + 1)
  if (kind === 'data' && colon < 0) return from.dataDir
  if (kind === 'home' && colon < 0) return from.homeDir
  if (kind === 'env' && argument !== '') return readVariable(argument, from, fault)
  if (kind === 'file' && argument !== '') return readSecretFile(argument, from, fault)
  if (kind === 'port' && /^\d{1,5}$/.test(argument)) return String(portAt(argument, from, fault))
  const near = suggestion(kind, ['env', 'file', 'port', 'data', 'home'])
  fault(`${whole} is not \${env:NAME}, \${file:PATH}, \${port:N}, \${data} or \${home}${near}`)
  return ''
}

function portAt(offset: string, from: Surroundings, fault: (message: string) => void): number {
  const port = from.portBase + Number(offset)
  if (port > maxPort) fault(`\${port:${offset}} is ${port}, above the highest port ${maxPort}`)
  return port
}

function readVariable(name: string, from: Surroundings, fault: (message: string) => void): string {
  const value = Object.hasOwn(from.env, name) ? from.env[name] : undefined
  if (value === undefined || value === '') fault(`the environment variable ${name} is not set`)
  return value ?? ''
}

function readSecretFile(path: string, from: Surroundings, fault: (message: string) => void): string {
  const file = resolve(from.baseDir, path)
  try {
    if (statSync(file).size > maxFileBytes) {
      fault(`the file ${file} is larger than ${maxFileBytes / 1024} KiB`)
      return ''
    }
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    if (text === '') fault(`the file ${file} is empty`)
    return text
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    fault(`the file ${file} cannot be read (${code})`)
    return ''
  }
}
