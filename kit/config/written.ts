import type { Path } from './path.ts'

/**
 * Reading values that may have any shape: the rules run on a configuration whose shape may be at fault
 * elsewhere, so that one start shows every fault.
 */
export function valueAt(value: unknown, ...path: Path): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return undefined
    return Reflect.get(inner, step)
  }, value)
}

export function textAt(value: unknown, ...path: Path): string | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : undefined
}

export function listAt(value: unknown, ...path: Path): readonly unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

export function textsAt(value: unknown, ...path: Path): readonly string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string')
}

export function keysAt(value: unknown, ...path: Path): readonly string[] {
  const found = valueAt(value, ...path)
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : []
}
