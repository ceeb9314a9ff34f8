import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The only file of the command line that reads the process's environment. */
export const environment: Readonly<Record<string, string | undefined>> = process.env

export const serverUrl = (): string => (environment['MAINSTAY_URL'] || 'http://127.0.0.1:7070').replace(/\/+$/, '')

export const isServerNamed = (): boolean => Boolean(environment['MAINSTAY_URL'])

export const serverToken = (): string | undefined => environment['MAINSTAY_TOKEN'] || undefined

export const homeFolder = (given: string | undefined): string => given ?? (environment['MAINSTAY_HOME'] || '.mainstay')

const own = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url))

/** The Python of steps and exports: the one that is named, else that of Mainstay's own folder, else the machine's. */
export const pythonProgram = (): string => environment['MAINSTAY_PYTHON'] || (existsSync(own) ? own : 'python3')
