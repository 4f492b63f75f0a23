/** Where the places of packages' modules are noted. */
export const placesFile: string
/** The folder of the repository, with a slash at its end. */
export const rootUrl: string
/** What is installed: another text after each change of it. */
export function installation(): string
/** What the place of a module is noted under. */
export function noteOf(specifier: string, conditions: readonly string[]): string
/** Has this process find modules without looking for them, where that was noted. Any number of times. */
export function usePlaces(env?: Readonly<Record<string, string | undefined>>, file?: string): void
