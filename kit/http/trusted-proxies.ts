import { BlockList, isIP, isIPv6 } from 'node:net'
import { StartError } from '../errors.ts'

/** The proxies in front whose word counts: addresses and CIDR blocks that the operator named. */
export class TrustedProxies {
  readonly isEmpty: boolean
  readonly #list = new BlockList()

  /** @throws StartError for what is neither an address nor a block. */
  constructor(entries: readonly string[]) {
    this.isEmpty = entries.length === 0
    for (const entry of entries) this.#add(entry)
  }

  /** Whether the address, of IPv4 in either form, is one of theirs. */
  has(address: string): boolean {
    const plain = unmapped(address)
    return isIP(plain) !== 0 && this.#list.check(plain, familyOf(plain))
  }

  #add(entry: string): void {
    const network = readNetwork(entry)
    if (network === undefined) throw notAnAddress(entry)
    const { address, family, bits } = network
    if (bits === undefined) this.#list.addAddress(address, family)
    else this.#list.addSubnet(address, bits, family)
  }
}

/** Whether a text is an address or a CIDR block. */
export function isNetwork(text: string): boolean {
  return readNetwork(text) !== undefined
}

interface Network {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  /** undefined: the address alone. */
  readonly bits: number | undefined
}

function readNetwork(text: string): Network | undefined {
  const [, address = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = familyOf(address)
  const bits = prefix === undefined ? undefined : Number(prefix)
  const isOne = isIP(address) !== 0 && (bits ?? 0) <= (family === 'ipv6' ? 128 : 32)
  return isOne ? { address, family, bits } : undefined
}

/** An IPv4 caller of a dual-stack socket is an IPv4 caller. */
export function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}

function notAnAddress(entry: string): StartError {
  return new StartError(`trustedProxies: '${entry}' is not an address or CIDR block`, {
    hint: 'write addresses as 10.0.0.7, 10.0.0.0/8 or fd00::/8',
  })
}
