import { pino, type Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

const secretPaths = [
  'token',
  'authorization',
  'password',
  '*.token',
  '*.authorization',
  '*.password',
  'headers.authorization',
]

/** Lines that a full disk does not take wait for it, up to this much; later ones are dropped. */
const waitingBytes = 1024 * 1024

/** One line of JSON per event on standard error; secrets are cut out by name. */
export function createLogger(name: string, level = 'info'): Logger {
  const destination = pino.destination({ fd: 2, sync: true, maxLength: waitingBytes })
  // A line that cannot be written must not end the process that wanted to say it.
  destination.on('error', () => {})
  return pino({ name, level, redact: { paths: secretPaths, censor: '[hidden]' } }, destination)
}
