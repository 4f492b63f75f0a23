/**
 * The known word that was most likely meant, or undefined when none is near: two in five letters may differ, where a swap of two neighbours counts once. Case never counts.
 */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const length = Math.max(wanted.length, candidate.length)
    const limit = Math.min(length - 1, Math.max(1, Math.round(length * 0.4)))
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { word: candidate, distance }
  }
  return best?.word
}

/** `, did you mean 'x'?`, or the list of what is known when nothing is near and the list is short. */
export function suggestion(word: string, known: Iterable<string>): string {
  const words = [...known]
  const near = nearestWord(word, words)
  if (near !== undefined) return `, did you mean '${near}'?`
  return words.length > 0 && words.length <= 12 ? `; known: ${words.join(', ')}` : ''
}

/** Optimal string alignment: insert, delete, replace, swap of neighbours. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 20 || a.length > 200) return Infinity
  let before: readonly number[] = []
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
        ),
      )
    }
    before = previous
    previous = current
  }
  return previous[b.length] ?? Infinity
}
