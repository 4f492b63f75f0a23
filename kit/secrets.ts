import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const keyBytes = 32
const saltBytes = 12
const ivBytes = 12
const tagBytes = 16
const version = 'v1'

export type SecretsCode = 'unreadable_key' | 'malformed' | 'unknown_key' | 'not_authentic'

/** What a master key can fail with. The message never holds a key, a plain text or an envelope. */
export class SecretsError extends Error {
  override readonly name = 'SecretsError'
  readonly code: SecretsCode

  constructor(code: SecretsCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Key objects, because Node takes 20 µs to make one of bytes for each HMAC and each cipher that it is given them for. */
interface RootKey {
  readonly id: string
  readonly sealing: KeyObject
  readonly macs: KeyObject
}

/**
 * The key under which private keys, session records and personal data rest: AES-256-GCM with the key's id in
 * the envelope.
 *
 * A key file holds one key a line (32 bytes, base64url). The first one seals, all of them open, so that a key
 * is rotated by putting a new line on top.
 *
 * Each envelope gets its own AES key, derived from a random salt (as XAES-256-GCM does), because random
 * 96-bit nonces under one key wear out after 2^32 messages and session records alone would come to that.
 */
export class MasterKey {
  readonly #text: string
  readonly #current: RootKey
  readonly #byId: ReadonlyMap<string, RootKey>

  private constructor(keys: readonly [Buffer, ...Buffer[]]) {
    this.#text = `${keys.map((key) => key.toString('base64url')).join('\n')}\n`
    this.#current = deriveRoot(keys[0])
    this.#byId = new Map(keys.map((key) => deriveRoot(key)).map((root) => [root.id, root]))
  }

  /** @throws SecretsError `unreadable_key` when the file is missing or holds anything but keys. */
  static fromFile(path: string): MasterKey {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      throw new SecretsError('unreadable_key', `the master key cannot be read from ${path}`)
    }
    const [first, ...rest] = text.split('\n').filter((line) => line.trim() !== '')
    if (first === undefined) throw new SecretsError('unreadable_key', `${path} holds no master key`)
    return new MasterKey([parseKey(first, path), ...rest.map((line) => parseKey(line, path))])
  }

  static generate(): MasterKey {
    return new MasterKey([randomBytes(keyBytes)])
  }

  /**
   * Writes the key to a new file with mode 0600, flushed to the disk: what is sealed under it is lost without it.
   * @throws the file system's error; `EEXIST` when the file exists, which is never overwritten.
   */
  writeNew(path: string): void {
    writeFileSync(path, this.#text, { flag: 'wx', mode: 0o600, flush: true })
  }

  /**
   * Encrypts a text for one place.
   * @param context where the envelope will rest (table, column, row): opening it under another context fails, so
   * that an envelope cannot be moved to another row.
   * @returns `v1.<key id>.<base64url>`
   */
  seal(plain: string, context: string): string {
    const { id, sealing } = this.#current
    const salt = randomBytes(saltBytes)
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', envelopeKey(sealing, salt), iv)
    cipher.setAAD(associatedData(id, context))
    const sealed = Buffer.concat([
      salt,
      iv,
      cipher.update(plain, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ])
    return `${version}.${id}.${sealed.toString('base64url')}`
  }

  /** @throws SecretsError when the envelope was altered, sealed for another context or under a key that is not here. */
  open(envelope: string, context: string): string {
    const [head, id, body, ...rest] = envelope.split('.')
    if (head !== version || id === undefined || body === undefined || rest.length > 0) {
      throw new SecretsError('malformed', 'this is not a sealed envelope')
    }
    const root = this.#byId.get(id)
    if (root === undefined)
      throw new SecretsError('unknown_key', 'the envelope was sealed under another master key')
    const sealed = Buffer.from(body, 'base64url')
    if (sealed.length < saltBytes + ivBytes + tagBytes || sealed.toString('base64url') !== body) {
      throw new SecretsError('malformed', 'the sealed envelope is damaged')
    }
    return decrypt(sealed, root, context)
  }

  /** A tag that only holders of this key can make, HMAC-SHA-256. @returns `<key id>.<base64url>` */
  mac(text: string, context: string): string {
    return macUnder(this.#current, text, context)
  }

  /** Whether `tag` came from `mac` for the same text and context, under any key of this file. */
  verifyMac(tag: string, text: string, context: string): boolean {
    const root = this.#byId.get(tag.slice(0, tag.indexOf('.')))
    if (root === undefined) return false
    const expected = Buffer.from(macUnder(root, text, context))
    const given = Buffer.from(tag)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
}

function parseKey(line: string, path: string): Buffer {
  const key = Buffer.from(line.trim(), 'base64url')
  if (key.length === keyBytes && key.toString('base64url') === line.trim()) return key
  throw new SecretsError('unreadable_key', `${path} must hold keys of 32 bytes in base64url, one a line`)
}

function deriveRoot(key: Buffer): RootKey {
  const derive = (purpose: string): Buffer =>
    createHmac('sha256', key).update(`gatehouse ${purpose}`).digest()
  const id = createHash('sha256').update(derive('key id')).digest('base64url').slice(0, 11)
  return { id, sealing: createSecretKey(derive('seal')), macs: createSecretKey(derive('mac')) }
}

function envelopeKey(sealing: KeyObject, salt: Buffer): KeyObject {
  return createSecretKey(createHmac('sha256', sealing).update(salt).digest())
}

function associatedData(id: string, context: string): Buffer {
  return Buffer.from(JSON.stringify([version, id, context]))
}

function decrypt(sealed: Buffer, root: RootKey, context: string): string {
  const salt = sealed.subarray(0, saltBytes)
  const iv = sealed.subarray(saltBytes, saltBytes + ivBytes)
  const decipher = createDecipheriv('aes-256-gcm', envelopeKey(root.sealing, salt), iv, {
    authTagLength: tagBytes,
  })
  decipher.setAAD(associatedData(root.id, context))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  const body = sealed.subarray(saltBytes + ivBytes, -tagBytes)
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
  } catch {
    throw new SecretsError('not_authentic', 'the envelope was altered or belongs to another place')
  }
}

function macUnder(root: RootKey, text: string, context: string): string {
  const tag = createHmac('sha256', root.macs)
    .update(JSON.stringify([context, text]))
    .digest('base64url')
  return `${root.id}.${tag}`
}
