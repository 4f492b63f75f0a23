import type { FastifyInstance } from 'fastify'
import { announce } from './settings.ts'

export async function listenAndAnnounce(app: FastifyInstance): Promise<void> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  announce(Number(new URL(url).port))
}
