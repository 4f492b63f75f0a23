import type { Option } from './command.ts'

export const json: Option = { type: 'boolean', describe: 'machine-readable output, one JSON object per line' }

export const help: Option = { type: 'boolean', describe: 'show this and stop' }

/** Where things are; each overrides the environment variable that it names. */
export const places = {
  config: { type: 'string', value: 'file', describe: 'configuration (GATEHOUSE_CONFIG, gatehouse.yaml)' },
  data: { type: 'string', value: 'folder', describe: 'data folder (GATEHOUSE_DATA, .data)' },
  'port-base': { type: 'string', value: 'port', describe: 'moves every port (GATEHOUSE_PORT_BASE, 3000)' },
} as const satisfies Record<string, Option>
