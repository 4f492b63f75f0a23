// express and jsonwebtoken come without types; this is what the tutorial contestant uses of them.

declare module 'express' {
  import type { IncomingMessage, Server, ServerResponse } from 'node:http'

  export interface Response extends ServerResponse {
    status(code: number): Response
    json(body: unknown): void
  }
  export type Handler = (request: IncomingMessage, response: Response, next: () => void) => void
  export interface Application {
    (request: IncomingMessage, response: ServerResponse): void
    use(...handlers: readonly (Handler | ((...args: never[]) => Promise<void>))[]): void
    listen(port: number, host: string, listening: () => void): Server
  }
  export default function express(): Application
}

declare module 'jsonwebtoken' {
  const jsonwebtoken: {
    verify(
      token: string,
      key: string,
      options: { algorithms: string[]; issuer: string; audience: string },
    ): unknown
  }
  export default jsonwebtoken
}
