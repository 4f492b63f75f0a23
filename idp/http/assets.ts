import type { FastifyInstance } from 'fastify'
import { commonHeaders } from '../pages/headers.ts'
import type { Pages } from '../pages/pages.ts'

/** The style sheet and the icon. Their paths change with their content, so browsers may keep them. */
export function assetRoutes(app: FastifyInstance, pages: Pages): void {
  for (const asset of pages.assets) {
    app.get(asset.path, (_request, reply) =>
      reply
        .headers(commonHeaders)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type(asset.type)
        .send(asset.content),
    )
  }
}
