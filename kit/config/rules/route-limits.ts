import { parseSize, UnitError } from '../../units.ts'
import type { ConfigDocument } from '../document.ts'
import { listAt, textAt, textsAt, valueAt } from '../written.ts'

const defaults = { headers: '16KiB', url: '8KiB' } as const

/** A route's limits can be tighter than the gateway's and not wider: what is refused before routing reaches no route. */
export function routeLimitsHaveAnEffect(document: ConfigDocument): void {
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    for (const key of ['headers', 'url'] as const) checkWithin(index, key, document)
    const place = ['routes', index, 'limits', 'inflated']
    const passes = textsAt(route, 'headers', 'request').map((name) => name.toLowerCase())
    if (valueAt(document.value, ...place) === undefined || passes.includes('content-encoding')) continue
    document.fault(
      place,
      "has no meaning: coded bodies are refused without 'content-encoding' in headers.request",
      'key',
    )
  }
}

function checkWithin(index: number, key: keyof typeof defaults, document: ConfigDocument): void {
  const place = ['routes', index, 'limits', key]
  const own = sizeIn(textAt(document.value, ...place))
  const written = textAt(document.value, 'gateway', 'limits', key) ?? defaults[key]
  const most = sizeIn(written)
  if (own === undefined || most === undefined || own <= most) return
  document.fault(place, `is more than gateway.limits.${key} lets in, ${written}`)
}

/** undefined where the form is at fault already. */
function sizeIn(text: string | undefined): number | undefined {
  try {
    return text === undefined ? undefined : parseSize(text)
  } catch (error) {
    if (error instanceof UnitError) return undefined
    throw error
  }
}
