import type { Plot } from './result.ts'
import { barsSvg } from './svg-bars.ts'
import { linesSvg } from './svg-lines.ts'

export function plotSvg(plot: Plot): string {
  return plot.kind === 'bars' ? barsSvg(plot) : linesSvg(plot)
}
