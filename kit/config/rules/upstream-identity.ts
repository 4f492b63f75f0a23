import { isLoopbackHost } from '../../loopback.ts'
import type { ConfigDocument } from '../document.ts'
import { forms } from '../forms.ts'
import type { Path } from '../path.ts'
import { keysAt, listAt, textAt, valueAt } from '../written.ts'

/** Targets prove who they are, or are plain, written out, and on this machine. */
export function upstreamsProveThemselves(document: ConfigDocument): void {
  const names = keysAt(document.value, 'upstreams')
  const identityOf = (name: string) => textAt(document.value, 'upstreams', name, 'identity')
  for (const name of names) {
    const isPlain = valueAt(document.value, 'upstreams', name, 'plain') === true
    const others = names.filter((other) => other !== name).map(identityOf)
    if (isPlain) checkPlain(document, name, others)
    else checkSecure(document, name)
    for (const [place, url] of targetsOf(document, name)) checkTarget(document, place, url, isPlain)
  }
}

function checkPlain(document: ConfigDocument, name: string, others: readonly (string | undefined)[]): void {
  if (valueAt(document.value, 'upstreams', name, 'identity') !== undefined)
    document.fault(['upstreams', name, 'identity'], 'cannot be proven without TLS; a plain upstream has none')
  // Its tokens would be another's.
  if (others.includes(name))
    document.fault(
      ['upstreams', name],
      `'${name}' is the identity of another upstream; rename this one`,
      'key',
    )
}

function checkSecure(document: ConfigDocument, name: string): void {
  const upstream = valueAt(document.value, 'upstreams', name)
  if (typeof upstream !== 'object' || upstream === null || Object.hasOwn(upstream, 'identity')) return
  document.fault(['upstreams', name], `'identity' is missing; expected ${forms.name.expected}`)
}

function checkTarget(document: ConfigDocument, place: Path, url: string, isPlain: boolean): void {
  const { protocol, hostname } = URL.parse(url) ?? {}
  if (protocol !== 'http:' && protocol !== 'https:') return
  if (!isPlain && protocol === 'http:')
    document.fault(place, "is not encrypted; use https, or 'plain: true' for a loopback address")
  if (isPlain && protocol === 'https:')
    document.fault(place, "is not plain; take 'plain' away, or write http")
  if (isPlain && protocol === 'http:' && !isLoopbackHost(hostname ?? ''))
    document.fault(place, 'is no loopback address; nothing leaves this machine without TLS')
}

function targetsOf(document: ConfigDocument, name: string): readonly (readonly [Path, string])[] {
  const targets = listAt(document.value, 'upstreams', name, 'targets')
  return targets.flatMap<readonly [Path, string]>((target, index) => {
    const place = ['upstreams', name, 'targets', index]
    if (typeof target === 'string') return [[place, target]]
    const url = textAt(target, 'url')
    return url === undefined ? [] : [[[...place, 'url'], url]]
  })
}
