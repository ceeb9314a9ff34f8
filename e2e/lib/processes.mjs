import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const read = (path) => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const linkOf = (path) => {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/**
 * Every living process that has the home's path in its command, its environment or its working folder. A zombie
 * is dead: it has no command line, environment or folder any more and so is not found.
 */
export function processesOf(home) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim()
      const isOurs =
        command !== '' &&
        (command.includes(home) ||
          read(`/proc/${name}/environ`).includes(home) ||
          linkOf(`/proc/${name}/cwd`).startsWith(home))
      return isOurs ? [{ pid: Number(name), command, kind: kindOf(command) }] : []
    })
}

const kinds = [
  ['supervisor', /supervisor\/main\.js/],
  ['command', /bin\/mainstay up/],
  ['plane', /plane\/main\.js/],
  ['analytics', /platform\/analytics\/child\.js/],
  ['scorer', /plane\/scorer\.js/],
  ['export', /mainstay_export\.py/],
  ['step shim', /mainstay-step/],
  ['step', /python\S* \w+\.py/],
  ['control', /server\/main\.js/],
]

const kindOf = (command) => kinds.find(([, pattern]) => pattern.test(command))?.[0] ?? 'other'

export function kill(pid, signal = 'SIGKILL') {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}
