import express from 'express'
import type { Handler } from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import jwt from 'jsonwebtoken'
import http from 'node:http'
import https from 'node:https'
import { audience } from '../run/names.ts'
import { announce, readSettings } from './settings.ts'

// What the first page of search results tells one to build. Kinder than most: it keeps connections to the upstream.

const { upstream, tls, publicKey = '', issuer = '', algorithm = 'RS256', connections } = readSettings()

const authenticate: Handler = (request, response, next) => {
  const token = request.headers.authorization?.split(' ')[1] ?? ''
  try {
    jwt.verify(token, publicKey, { algorithms: [algorithm], issuer, audience })
  } catch {
    response.status(401).json({ error: 'invalid token' })
    return
  }
  next()
}

const app = express()
const kept = { keepAlive: true, maxSockets: connections }
const agent = tls === undefined ? new http.Agent(kept) : new https.Agent({ ...kept, ...tls })
app.use(authenticate, createProxyMiddleware({ target: upstream, changeOrigin: true, agent }))
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  announce(address !== null && typeof address === 'object' ? address.port : 0)
})
