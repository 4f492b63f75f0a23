import type { Article } from './stock.ts'

export const demoStock: readonly Article[] = [
  { sku: 'field-notebook', name: 'Field notebook, dotted', quantity: 120 },
  { sku: 'garden-lantern', name: 'Garden lantern, brass', quantity: 18 },
  { sku: 'linen-tote', name: 'Linen tote', quantity: 60 },
  { sku: 'oak-stool', name: 'Oak stool', quantity: 7 },
  { sku: 'teapot-blue', name: 'Teapot, cobalt blue', quantity: 25 },
  { sku: 'wool-blanket', name: 'Wool blanket, herringbone', quantity: 40 },
]
