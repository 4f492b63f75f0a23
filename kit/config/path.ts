/** Where a value is in the configuration: keys and list positions from the top. */
export type Path = readonly (string | number)[]

/** `routes[2].match.path` */
export function showPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}
