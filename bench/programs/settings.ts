import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** What a contestant written in Node is told, as JSON in its first argument. */
export const Settings = Type.Object({
  upstream: Type.String(),
  /** With an https upstream: PEM texts for mutual TLS. */
  tls: Type.Optional(Type.Object({ ca: Type.String(), cert: Type.String(), key: Type.String() })),
  /** Where tokens are checked: the issuer's public key as PEM. */
  publicKey: Type.Optional(Type.String()),
  issuer: Type.Optional(Type.String()),
  algorithm: Type.Optional(Type.Union([Type.Literal('RS256'), Type.Literal('ES256')])),
  connections: Type.Number(),
})
export type Settings = Type.Static<typeof Settings>

export function readSettings(): Settings {
  return Value.Parse(Settings, JSON.parse(process.argv[2] ?? '{}'))
}

/** Tells the bench where the program listens, and ends the program with the bench. */
export function announce(port: number): void {
  process.on('disconnect', () => process.exit(0))
  process.on('SIGTERM', () => process.exit(0))
  process.send?.({ type: 'ready', port })
}
