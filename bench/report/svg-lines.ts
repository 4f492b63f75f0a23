import type { Axis, Lines } from './result.ts'
import { escaped, style } from './svg-style.ts'

const frame = { left: 70, right: 560, top: 60, bottom: 320 }
const colours = ['#2f81f7', '#d29922', '#3fb950', '#db61a2', '#a371f7', '#f0883e']

/** Series over one x axis, each axis plain or logarithmic. */
export function linesSvg(plot: Lines): string {
  const points = plot.series.flatMap((series) => series.points)
  const x = scale(
    plot.x,
    points.map(([px]) => px),
    frame.left,
    frame.right,
  )
  const y = scale(
    plot.y,
    points.map(([, py]) => py),
    frame.bottom,
    frame.top,
  )
  const series = plot.series.map((one, index) => {
    const colour = colours[index % colours.length] ?? 'currentColor'
    const path = one.points.map(([px, py]) => `${x.at(px).toFixed(1)} ${y.at(py).toFixed(1)}`).join('L')
    const dots = one.points.map(
      ([px, py]) =>
        `<circle cx="${x.at(px).toFixed(1)}" cy="${y.at(py).toFixed(1)}" r="3" fill="${colour}"/>`,
    )
    const legend = `<text x="${frame.right + 20}" y="${frame.top + 14 + index * 20}" style="fill:${colour}">${escaped(one.label)}</text>`
    return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${legend}`
  })
  const xTicks = x.ticks.map(
    (tick) =>
      `<text class="small" x="${x.at(tick).toFixed(1)}" y="${frame.bottom + 18}" text-anchor="middle">${short(tick)}</text>`,
  )
  const yTicks = y.ticks.map(
    (tick) =>
      `<text class="small" x="${frame.left - 8}" y="${(y.at(tick) + 4).toFixed(1)}" text-anchor="end">${short(tick)}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 370" role="img" aria-label="${escaped(plot.title)}">
${style}
<text class="title" x="12" y="24">${escaped(plot.title)}</text>
<text class="small" x="12" y="42">${escaped(plot.y.label)} over ${escaped(plot.x.label)}</text>
<path class="axis" d="M${frame.left} ${frame.top}V${frame.bottom}H${frame.right}"/>
${xTicks.join('')}${yTicks.join('')}
${series.join('\n')}
</svg>
`
}

function scale(
  axis: Axis,
  values: readonly number[],
  from: number,
  to: number,
): { at(v: number): number; ticks: number[] } {
  const positive = axis.log ? values.filter((value) => value > 0) : values
  const map = (value: number): number => (axis.log ? Math.log10(Math.max(value, 1e-9)) : value)
  const low = axis.log ? Math.floor(map(Math.min(...positive))) : 0
  const high = axis.log ? Math.ceil(map(Math.max(...positive))) : niceAbove(Math.max(...values))
  const span = high - low || 1
  const at = (value: number): number => from + ((Math.max(map(value), low) - low) / span) * (to - from)
  const ticks = axis.log
    ? Array.from({ length: span + 1 }, (_, n) => 10 ** (low + n))
    : Array.from({ length: 5 }, (_, n) => (high * n) / 4)
  return { at, ticks }
}

function niceAbove(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value || 1))
  return ([1, 2, 4, 5, 8, 10].find((factor) => factor * magnitude >= value) ?? 10) * magnitude
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))} k`
  return String(Number(value.toPrecision(3)))
}
