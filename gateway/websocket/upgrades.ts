import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { closesAlso } from '@gatehouse/kit/http/close-all'
import { answering, inTurn } from '@gatehouse/kit/http/in-turn'
import { http } from '@gatehouse/kit/http/node-http'
import { handshakeFault } from './handshake.ts'

/** How long a refused caller has to close its side. */
const lingerMs = 500

/** A request that asks for another protocol on its connection. */
export interface Upgrade {
  readonly socket: Socket
  /** Why it cannot be had, whoever asks. */
  readonly fault: Problem | undefined
  /** Takes the socket away from the response, of which nothing stays alive with it. */
  detach(): void
}

/**
 * Requests for another protocol, on the same way through the server as all others: they get a response of their own,
 * which is written to if they are refused and put aside if they are not. (Plugins that take a side way have been
 * killed by one request pipelined before the upgrade.)
 */
export class Upgrades {
  readonly #open = new WeakMap<IncomingMessage, Upgrade>()
  /** What is still to be answered, or to wait for its turn. */
  readonly #waiting = new Set<ServerResponse | Socket>()

  /** To be called before the server listens. */
  attach(app: FastifyInstance): void {
    const { server } = app
    server.on('upgrade', (request, _stream, head) => this.#enter(app, request, head))
    // Those are not among Node's connections any more.
    closesAlso(server, () => {
      for (const waiting of this.#waiting) waiting.destroy()
    })
  }

  /** undefined for an ordinary request. */
  of(request: IncomingMessage): Upgrade | undefined {
    return this.#open.get(request)
  }

  /** On the connection itself: behind a body, which no handshake has, later releases of Node show a stream instead. */
  #enter(app: FastifyInstance, request: IncomingMessage, head: Buffer): void {
    const { socket } = request
    endOnError(socket)
    if (answering(socket) === undefined) return this.#serve(app, request, handshakeFault(request, head))
    this.#waiting.add(socket)
    socket.once('close', () => this.#waiting.delete(socket))
    socket.on('drain', () => answering(socket)?.emit('drain'))
    // Nobody reads what follows, but this way it is seen when the caller leaves.
    socket.once('end', () => socket.destroy()).resume()
    inTurn(socket, () => this.#serve(app, request, behindOthers()))
  }

  #serve(app: FastifyInstance, request: IncomingMessage, fault: Problem | undefined): void {
    const { socket } = request
    const response = new http.ServerResponse(request)
    response.assignSocket(socket)
    response.shouldKeepAlive = false
    const drained = (): void => void response.emit('drain')
    const unwatch = endWithCaller(socket, response)
    const detach = (): void => {
      unwatch()
      socket.off('drain', drained)
      this.#waiting.delete(response)
      response.detachSocket(socket)
    }
    socket.on('drain', drained)
    this.#waiting.add(response)
    response.once('close', () => this.#waiting.delete(response))
    response.once('finish', () => letGo(socket))
    this.#open.set(request, { socket, fault, detach })
    app.routing(request, response)
  }
}

/** By itself: a listener made beside others would keep alive what they know, the request for as long as its WebSocket. */
function endOnError(socket: Socket): void {
  socket.on('error', () => socket.destroy())
}

/**
 * Only who reads a socket hears that its other end has closed, and a caller that has left must not keep a place. Nor must one
 * that sends more before the answer, which nobody does who speaks WebSocket (RFC 6455 section 4.1).
 * @returns leaves the socket to somebody else
 */
function endWithCaller(socket: Socket, response: ServerResponse): () => void {
  const left = (): void => {
    // What has been answered is let go by itself.
    if (!response.writableEnded) socket.destroy()
  }
  socket.on('data', left).once('end', left)
  return () => socket.off('data', left).off('end', left)
}

/** Whoever asks for another protocol is Node's no longer: no timeout of the server ends the connection. */
function letGo(socket: Socket): void {
  socket.end()
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

/** It could be a part of what others sent on the same connection, and the WebSocket would be theirs. */
function behindOthers(): Problem {
  return new Problem('invalid_request', {
    detail: 'A handshake does not follow what is still to be answered.',
  })
}
