'use strict'
// For `--require`: each part is started with it (start/part-process.ts).
require('./places.cjs').usePlaces()
