/**
 * Options of the data plane's Node. What a request leaves behind dies at once, so a small young generation collects as
 * much per second as a large one, in pauses a quarter as long.
 */
export const planeMemory = ['--max-semi-space-size=4']
