import { Type } from '../schema.ts'
import { closed, text, texts } from './schema-texts.ts'

export const port = Type.Integer({ minimum: 0, maximum: 65_535, description: 'TCP port' })

export const listen = Type.Object(
  { host: text('address', "where to listen; 'localhost' is 127.0.0.1 and ::1"), port },
  { ...closed, description: 'address and port to listen on' },
)

export const trustedProxies = texts(
  'network',
  'addresses of proxies in front whose Forwarded headers count',
  0,
)
