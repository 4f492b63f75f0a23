import type { Bars } from './result.ts'
import { escaped, style } from './svg-style.ts'

const labelWidth = 190
const chartWidth = 470
const barHeight = 18
const step = 28
const top = 58

/** One bar per contestant, with the range of its rounds; the dashed line is 1. */
export function barsSvg(plot: Bars): string {
  const most = Math.max(1, ...plot.bars.map((bar) => bar.value.high))
  const x = (value: number): number => labelWidth + (value / most) * chartWidth
  const height = top + plot.bars.length * step + 12
  const bars = plot.bars.map((bar, index) => {
    const y = top + index * step
    const { median, low, high } = bar.value
    return `<text x="${labelWidth - 8}" y="${y + 13}" text-anchor="end">${escaped(bar.label)}</text>
<rect class="${bar.own ? 'own' : 'bar'}" x="${labelWidth}" y="${y}" width="${(x(median) - labelWidth).toFixed(1)}" height="${barHeight}" rx="2"/>
<path class="range" d="M${x(low).toFixed(1)} ${y + 9}H${x(high).toFixed(1)}M${x(low).toFixed(1)} ${y + 5}v8M${x(high).toFixed(1)} ${y + 5}v8"/>
<text x="${(x(high) + 8).toFixed(1)}" y="${y + 13}">${median.toFixed(2)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${labelWidth + chartWidth + 60} ${height}" role="img" aria-label="${escaped(plot.title)}">
${style}
<text class="title" x="12" y="24">${escaped(plot.title)}</text>
<text class="small" x="12" y="42">${escaped(plot.unit)}; bar: median, line: range of rounds</text>
<path class="base" d="M${x(1).toFixed(1)} ${top - 6}V${height - 8}"/>
${bars.join('\n')}
</svg>
`
}
