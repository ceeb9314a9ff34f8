const colour = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)

export const red = paint(31)
export const green = paint(32)
export const yellow = paint(33)
export const dim = paint(2)

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** A reason to stop that the reader can act on; it is printed as one sentence, without a stack. */
export class Stop extends Error {}

/** A program of the machine is not there and could not be installed. In CI a failure, elsewhere a skipped stage. */
export class Absent extends Stop {}

export function fail(sentence) {
  throw new Stop(sentence)
}

export function absent(sentence) {
  throw new Absent(sentence)
}

/** Says what is being done, does it, and says how long it took. */
export async function step(label, work) {
  const start = performance.now()
  console.log(`${label}…`)
  const result = await work()
  console.log(dim(`  done in ${seconds(start)}`))
  return result
}

/** Runs a script's main function; a Stop ends it with its sentence and exit code 1. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0
  } catch (error) {
    console.error(error instanceof Stop ? red(error.message) : error)
    process.exitCode = 1
  }
}
