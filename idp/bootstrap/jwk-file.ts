import { readFile } from 'node:fs/promises'
import { StartError } from '@gatehouse/kit/errors'
import { Type } from '@gatehouse/kit/schema'
import type { PublicJwk } from '../clients/metadata.ts'
import { readStored } from '../storage/stored-json.ts'

const schema = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  kid: Type.Optional(Type.String()),
})

/**
 * The public half of a client's key, from the file in which its private half lies.
 * @throws StartError when there is no such key
 */
export async function readPublicJwk(file: string): Promise<PublicJwk> {
  try {
    const { kty, crv, x, y, kid } = readStored(schema, await readFile(file, 'utf8'))
    return { kty, crv, x, y, alg: 'ES256', use: 'sig', ...(kid === undefined ? {} : { kid }) }
  } catch {
    throw new StartError(`there is no usable P-256 key in ${file}`, {
      hint: '`npm start` and `prepare` make it where it is missing: remove it first, or restore it',
    })
  }
}
