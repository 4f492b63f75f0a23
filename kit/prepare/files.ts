import { randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, relative } from 'node:path'
import { StartError } from '../errors.ts'

export const secretMode = 0o600
export const publicMode = 0o644
const folderMode = 0o700

/** Replaces a file as a whole: a reader, or a crash at any moment, sees the old one or the new one. */
export function replaceFile(path: string, text: string, mode: number): void {
  const temporary = temporaryBeside(path)
  try {
    writeFlushed(temporary, text, mode)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * The same for a file that must never be overwritten: `write` is given the path of a temporary file.
 * @returns false when the file was there already, made by somebody else meanwhile
 */
export function createFile(path: string, write: (temporary: string) => void): boolean {
  const temporary = temporaryBeside(path)
  try {
    write(temporary)
    linkSync(temporary, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** All of it or an error: `writeSync` writes what there is room for and calls that a success. */
export function writeFlushed(path: string, text: string, mode: number): void {
  writeFileSync(path, text, { flag: 'wx', mode, flush: true })
}

/** @returns undefined when there is no such file */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Makes a folder and those above it. Not with `recursive: true`, which in Node 24 never returns where a folder
 * cannot exist, such as below /proc.
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return
  if (!existsSync(dirname(path))) makeFolder(dirname(path))
  try {
    mkdirSync(path, folderMode)
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** A path as a shell takes it. */
export function quoted(file: string): string {
  return /^[\w@%+=:,./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`
}

/** Turns what the file system refused into a StartError; other errors come back as they are. */
export function folderFault(error: unknown, dir: string): unknown {
  const code = errorCode(error)
  if (code === undefined || !(code in reasons)) return error
  const where = [code, ...fileIn(dir, error)].join(', ')
  return new StartError(`the data folder ${dir} cannot be used: ${Reflect.get(reasons, code)} (${where})`, {
    hint: 'make it a folder that this user may write, or name another one with GATEHOUSE_DATA',
    cause: error,
  })
}

/** Which file of the folder it was, if it is one that somebody could look at: a single one may belong to somebody else. */
function fileIn(dir: string, error: unknown): readonly string[] {
  if (!(error instanceof Error && 'path' in error && typeof error.path === 'string')) return []
  const file = relative(dir, error.path)
  return file === '' || file.startsWith('..') || file.endsWith('.tmp') ? [] : [file]
}

const reasons = {
  EACCES: 'this user may not read or write there',
  EPERM: 'this user may not read or write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'no folder can be made there',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'there is a folder in place of a file',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the path is too long',
} as const

function temporaryBeside(path: string): string {
  return `${dirname(path)}/.${randomBytes(8).toString('hex')}.tmp`
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
