/** Colours that can be read on white and on black; the page's own background shows through. */
export const style = `<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .small { font-size: 11px; fill: #57606a }
  .bar { fill: #8c959f }
  .own { fill: #2f81f7 }
  .range, .axis { stroke: #57606a; stroke-width: 1.2; fill: none }
  .base { stroke: #cf222e; stroke-width: 1; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .bar { fill: #6e7681 } .range, .axis { stroke: #b1bac4 } .base { stroke: #ff7b72 }
  }
</style>`

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
