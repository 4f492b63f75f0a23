import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import { StartError } from '@gatehouse/kit/errors'
import { clientAddress } from '../../gateway/http/client-address.ts'
import { addressKey } from '../../gateway/limits/rate-key.ts'

function requestFrom(address: string, forwardedFor?: string): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  const request = new IncomingMessage(socket)
  if (forwardedFor !== undefined) request.headers['x-forwarded-for'] = forwardedFor
  return request
}

t.test('without trusted proxies it is the socket, whatever is said', async (t) => {
  const address = clientAddress([])
  t.equal(address(requestFrom('203.0.113.9', '198.51.100.1')), '203.0.113.9')
  t.equal(address(requestFrom('::ffff:203.0.113.9')), '203.0.113.9')
  t.equal(address(requestFrom('2001:db8::1')), '2001:db8::1')
})

t.test('a trusted proxy is believed as far as the first that is not', async (t) => {
  const address = clientAddress(['10.0.0.0/8', 'fd00::/8', '192.0.2.1'])
  t.equal(address(requestFrom('203.0.113.9', '198.51.100.1')), '203.0.113.9', 'not from a proxy')
  t.equal(address(requestFrom('10.1.1.1', '198.51.100.1')), '198.51.100.1')
  t.equal(address(requestFrom('::ffff:10.1.1.1', '198.51.100.1')), '198.51.100.1')
  t.equal(address(requestFrom('10.1.1.1', 'evil, 198.51.100.1, 192.0.2.1')), '198.51.100.1')
  t.equal(address(requestFrom('fd00::1', '1.1.1.1, not-an-address')), 'fd00::1', 'garbage ends the search')
  t.equal(address(requestFrom('10.1.1.1')), '10.1.1.1')
})

t.test('a proxy may write the port', async (t) => {
  const address = clientAddress(['10.0.0.0/8', 'fd00::/8'])
  t.equal(address(requestFrom('10.1.1.1', '198.51.100.1:5678')), '198.51.100.1')
  t.equal(address(requestFrom('10.1.1.1', '[2001:db8::1]:5678')), '2001:db8::1')
  t.equal(address(requestFrom('10.1.1.1', '[2001:db8::1]')), '2001:db8::1')
  t.equal(address(requestFrom('10.1.1.1', '198.51.100.1:5, 10.2.2.2:6, [fd00::2]:7')), '198.51.100.1')
  t.equal(address(requestFrom('10.1.1.1', '[::ffff:198.51.100.1]:5')), '198.51.100.1')
  for (const garbage of [
    '198.51.100.1:',
    '198.51.100.1:x',
    '2001:db8::1]:5',
    '[198.51',
    '[]:5',
    ':5',
    '1.2.3:4',
  ])
    t.equal(address(requestFrom('10.1.1.1', garbage)), '10.1.1.1', garbage)
})

t.test('what is no address does not start', async (t) => {
  for (const entry of ['localhost', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/x', '']) {
    t.throws(() => clientAddress([entry]), StartError, entry)
  }
})

t.test('one subscriber is one key', async (t) => {
  t.equal(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:2:ffff:ffff:ffff:ffff'), 'a /64')
  t.not(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'))
  t.equal(addressKey('::ffff:203.0.113.9'), addressKey('203.0.113.9'), 'mapped')
  t.equal(addressKey('::ffff:cb00:7109'), addressKey('203.0.113.9'), 'mapped, in hexadecimal')
  t.not(addressKey('203.0.113.9'), addressKey('203.0.113.10'))
})
