import * as fc from 'fast-check'

interface Asserts {
  notOk(value: unknown, message: string): unknown
}

/** One assertion of a property; when it fails, fast-check's report of the smallest case says why. */
export function holds<T>(t: Asserts, property: fc.IProperty<T>, parameters?: fc.Parameters<T>): void {
  report(t, fc.check(property, parameters))
}

/** The same of a property that takes time. */
export async function holdsInTime<T>(
  t: Asserts,
  property: fc.IAsyncProperty<T>,
  parameters?: fc.Parameters<T>,
): Promise<void> {
  report(t, await fc.check(property, parameters))
}

function report<T>(t: Asserts, result: fc.RunDetails<T>): void {
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? `holds in ${result.numRuns} cases`)
}
