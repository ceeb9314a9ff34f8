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

/** One line of JSON per event on standard error; secrets are cut out by name. */
export function createLogger(name: string, level = 'info'): Logger {
  return pino(
    { name, level, redact: { paths: secretPaths, censor: '[hidden]' } },
    pino.destination({ fd: 2, sync: true }),
  )
}
