/**
 * The same text in memory of its own. A part that was cut out of a longer text keeps all of that alive, so what stays for
 * long is copied first.
 */
export function ownText(text: string): string {
  const copy: unknown = JSON.parse(JSON.stringify(text))
  return typeof copy === 'string' ? copy : text
}
