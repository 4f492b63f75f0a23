/**
 * What is shown in the place of a logo that cannot be had: the first letters of two words of the client's name. Nothing in
 * it but letters and digits comes from the client.
 */
export function initials(name: string): string {
  const letters = [...name.matchAll(/[\p{L}\p{N}]+/gu)]
    .slice(0, 2)
    .map(([word]) => String.fromCodePoint(word.codePointAt(0) ?? 0).toUpperCase())
    .join('')
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48">',
    '<rect width="48" height="48" fill="#1f5f5b"/>',
    '<text x="24" y="25" fill="#fff" font-family="system-ui, sans-serif" font-size="18" font-weight="600"',
    ` text-anchor="middle" dominant-baseline="central">${letters}</text></svg>`,
  ].join('')
}
