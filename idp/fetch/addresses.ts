import { BlockList, isIP, isIPv6 } from 'node:net'

/**
 * Networks that are not the public internet: IANA's special-purpose registries (RFC 6890 and after), multicast, and the
 * transition mechanisms in whose addresses another one is hidden (mapped, translated, 6to4, Teredo).
 */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

/** Which addresses may be connected to: public ones, and those that the configuration allows besides. */
export class AddressRules {
  readonly #special = blockList(special)
  readonly #allowed: BlockList

  /** @param allowed networks such as `10.1.0.0/16` */
  constructor(allowed: readonly string[]) {
    this.#allowed = blockList(allowed)
  }

  /** Whether the configuration names it. */
  isAllowed(address: string): boolean {
    return has(this.#allowed, address)
  }

  mayConnect(address: string): boolean {
    return isIP(address) !== 0 && (this.isAllowed(address) || !has(this.#special, address))
  }
}

/** An IPv4 address that is written as an IPv6 one is looked at as both: BlockList takes the two for one. */
function has(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}
