import { parseArgs } from 'node:util'

export interface PlaneConfig {
  home: string
  host: string
  port: number
  replica: string
  tokensFile: string | null
  /** Names beside loopback ones by which the plane may be called. */
  allowedHosts: string[]
  maxBodyBytes: number
  spoolCapBytes: number
  segmentBytes: number
  segmentMs: number
  drainMs: number
  logLevel: string
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1'])
export const isLoopback = (host: string): boolean => LOOPBACK.has(host)

/** The plane reads no environment: what it does is all in its arguments, so that a supervisor can show and repeat it. */
export function readArguments(argv: string[]): PlaneConfig {
  const { values } = parseArgs({
    args: argv,
    options: {
      home: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8000' },
      replica: { type: 'string', default: 'r1' },
      tokens: { type: 'string' },
      'allow-host': { type: 'string', multiple: true, default: [] },
      'max-body-mb': { type: 'string', default: '16' },
      'spool-cap-mb': { type: 'string', default: '2048' },
      'segment-mb': { type: 'string', default: '8' },
      'segment-seconds': { type: 'string', default: '60' },
      'drain-ms': { type: 'string', default: '0' },
      'log-level': { type: 'string', default: 'info' },
    },
  })
  if (!values.home) throw new Error('--home DIR is required')
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(values.replica)) throw new Error('--replica takes letters, digits, "-" and "_"')
  if (!isLoopback(values.host) && !values.tokens) {
    throw new Error(`--host ${values.host} can be reached from other machines: give --tokens FILE as well`)
  }
  const mb = (text: string, name: string) => positive(text, name) * 1024 * 1024
  return {
    home: values.home,
    host: values.host,
    port: whole(values.port, '--port'),
    replica: values.replica,
    tokensFile: values.tokens ?? null,
    allowedHosts: values['allow-host'],
    maxBodyBytes: mb(values['max-body-mb'], '--max-body-mb'),
    spoolCapBytes: mb(values['spool-cap-mb'], '--spool-cap-mb'),
    segmentBytes: mb(values['segment-mb'], '--segment-mb'),
    segmentMs: positive(values['segment-seconds'], '--segment-seconds') * 1000,
    drainMs: whole(values['drain-ms'], '--drain-ms'),
    logLevel: values['log-level'],
  }
}

function whole(text: string, name: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${name} takes a whole number, got ${text}`)
  return Number(text)
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${name} takes a number above 0, got ${text}`)
  return value
}
