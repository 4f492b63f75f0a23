import { parseRate, UnitError, type Rate } from '../../units.ts'
import type { ConfigDocument } from '../document.ts'
import { suggestion } from '../nearest.ts'
import { keysAt, listAt, textAt, textsAt } from '../written.ts'

/** Routes name policies that there are, and a burst is tighter than its rate for a while: otherwise it limits nothing. */
export function limitPoliciesAreUsable(document: ConfigDocument): void {
  const known = keysAt(document.value, 'limitPolicies')
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    for (const [at, name] of textsAt(route, 'limits', 'policies').entries()) {
      if (known.includes(name)) continue
      const place = ['routes', index, 'limits', 'policies', at]
      document.fault(place, `there is no limit policy '${name}'${suggestion(name, known)}`)
    }
  }
  for (const name of known) checkBurst(name, document)
}

function checkBurst(name: string, document: ConfigDocument): void {
  const rate = rateAt(document, name, 'rate')
  const burst = rateAt(document, name, 'burst')
  if (rate === undefined || burst === undefined) return
  if (burst.windowMs < rate.windowMs && burst.count < rate.count) return
  document.fault(
    ['limitPolicies', name, 'burst'],
    'is no tighter than the rate; expected fewer requests within a shorter time',
  )
}

function rateAt(document: ConfigDocument, name: string, key: string): Rate | undefined {
  try {
    const text = textAt(document.value, 'limitPolicies', name, key)
    return text === undefined ? undefined : parseRate(text)
  } catch (error) {
    // Its form is at fault already.
    if (error instanceof UnitError) return undefined
    throw error
  }
}
