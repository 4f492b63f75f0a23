import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import { listenAndAnnounce } from './listen.ts'
import { poolOf } from './pool.ts'
import { readSettings } from './settings.ts'

// The base of all ratios: Fastify with @fastify/http-proxy, a tuned pool, no log, no check of anything.

const settings = readSettings()
const app = Fastify({ logger: false })
await app.register(httpProxy, { upstream: settings.upstream, undici: poolOf(settings) })
await listenAndAnnounce(app)
