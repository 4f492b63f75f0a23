import { Problem } from '@gatehouse/kit/errors'

/** The query of a request target, without its question mark. */
export function queryOf(url: string | undefined): string {
  const at = url?.indexOf('?') ?? -1
  return url === undefined || at < 0 ? '' : url.slice(at + 1)
}

/** One query parameter; a Problem when it comes twice, because readers differ on which one counts. */
export function singleParameter(url: string | undefined, name: string): string | Problem | undefined {
  const values = new URLSearchParams(queryOf(url)).getAll(name)
  if (values.length > 1) {
    const faults = [{ in: 'query', path: `/${name}`, message: 'must come once' }] as const
    return new Problem('invalid_request', { detail: `${name} must come once`, faults })
  }
  return values[0]
}
