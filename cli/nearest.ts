/** The candidate that was most likely meant, or undefined when none is close (Levenshtein, at most a third wrong). */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const found = distance(word, candidate)
    if (found >= bestDistance) continue
    best = candidate
    bestDistance = found
  }
  return best
}

function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [row, letter] of a.split('').entries()) {
    const current = [row + 1]
    for (const [column, other] of b.split('').entries()) {
      const left = current[column] ?? 0
      const above = previous[column + 1] ?? 0
      const diagonal = previous[column] ?? 0
      current.push(Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1)))
    }
    previous = current
  }
  return previous.at(-1) ?? 0
}
