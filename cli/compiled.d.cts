export const root: string
export const cacheDir: string
export const completed: string
