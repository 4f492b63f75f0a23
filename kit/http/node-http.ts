/**
 * `node:http`. Imported, all its exports would be read at once, and those that belong to WebSocket load a second undici
 * for it: 40 ms of CPU at each start of each process.
 */
export const http = process.getBuiltinModule('node:http')
