import { webcrypto } from 'node:crypto'

// The library's container asks for constructor metadata (`reflect-metadata`); its classes carry none.
for (const name of ['getMetadata', 'getOwnMetadata']) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value: () => undefined, configurable: true })
}

/** A library for X.509 that we share nothing with: to read what we write, and to write what we refuse to. */
export const x509 = await import('@peculiar/x509')
x509.cryptoProvider.set(webcrypto)
