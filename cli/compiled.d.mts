export const cacheDir: string
export const completed: string
