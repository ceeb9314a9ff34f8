/** The only file of the command line that reads the process's environment. */
export const environment: Readonly<Record<string, string | undefined>> = process.env

export const serverUrl = (): string => (environment['MAINSTAY_URL'] || 'http://127.0.0.1:7070').replace(/\/+$/, '')

export const serverToken = (): string | undefined => environment['MAINSTAY_TOKEN'] || undefined

export const homeFolder = (given: string | undefined): string => given ?? (environment['MAINSTAY_HOME'] || '.mainstay')

export const pythonProgram = (): string => environment['MAINSTAY_PYTHON'] || 'python3'
