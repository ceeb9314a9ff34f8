/** Counts what held and what did not; each line is told as it is known. */
export function createReport(suite) {
  const began = performance.now()
  const count = { passed: 0, failed: 0 }
  const say = (line) => process.stdout.write(`${line}\n`)
  return {
    say,
    check(sentence, holds, detail = '') {
      count[holds ? 'passed' : 'failed'] += 1
      say(`${holds ? 'ok    ' : 'failed'}  ${sentence}${detail === '' ? '' : `: ${detail}`}`)
      return holds
    },
    /** What could not be done at all counts as one failure. */
    broke(error) {
      count.failed += 1
      say(`failed  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    },
    /** The line that `npm test` reads, and the exit code. */
    end() {
      say(JSON.stringify({ suite, ...count, seconds: Math.round((performance.now() - began) / 100) / 10 }))
      return count.failed === 0 && count.passed > 0 ? 0 : 1
    },
  }
}
