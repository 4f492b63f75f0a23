/** The sizes served, in bytes, each at the path `/api/<size>`. */
export const payloadSizes = [300, 10_000, 100_000] as const
export type PayloadSize = (typeof payloadSizes)[number]

export function payloadPath(size: number): string {
  return `/api/${size}`
}

/** A JSON text of exactly `size` bytes. */
export function payload(size: number): string {
  const items: string[] = []
  const frame = '{"items":[],"end":""}'.length
  let length = frame
  for (let n = 0; ; n += 1) {
    const item = `{"id":"ord_${String(n).padStart(8, '0')}","sku":"lamp","quantity":1}`
    const longer = length + item.length + (n > 0 ? 1 : 0)
    if (longer > size) break
    items.push(item)
    length = longer
  }
  return `{"items":[${items.join(',')}],"end":"${'x'.repeat(size - length)}"}`
}
