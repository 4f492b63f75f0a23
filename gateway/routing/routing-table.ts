import type { Found, RouteTree } from './route-tree.ts'

/** The routes in force. Others take their place in one step: a request that has found its route keeps it. */
export class RoutingTable<T> {
  #tree: RouteTree<T>

  constructor(tree: RouteTree<T>) {
    this.#tree = tree
  }

  get entries(): RouteTree<T>['entries'] {
    return this.#tree.entries
  }

  find(...request: Parameters<RouteTree<T>['find']>): Found<T> {
    return this.#tree.find(...request)
  }

  replace(tree: RouteTree<T>): void {
    this.#tree = tree
  }
}
