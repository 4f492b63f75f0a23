import t from 'tap'
import { addressKey } from '../../idp/accounts/address.ts'

t.test('what counts as one address', (t) => {
  const same = [
    ['192.0.2.7', '::ffff:192.0.2.7'],
    ['2001:db8:1:2::1', '2001:DB8:1:2:ffff:ffff:ffff:ffff'],
    ['2001:db8:0:0::1', '2001:db8::2'],
    ['fe80::1%eth0', 'fe80::2'],
    ['::1', '::2'],
  ] as const
  for (const [one, other] of same) t.equal(addressKey(one), addressKey(other), `${one} and ${other}`)
  t.not(addressKey('192.0.2.7'), addressKey('192.0.2.8'))
  t.not(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'))
  t.equal(addressKey('no address'), 'unknown')
  t.end()
})
