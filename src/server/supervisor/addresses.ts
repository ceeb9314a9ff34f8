import { createServer } from 'node:net'
import { MainstayError } from '../../contract/errors.ts'

/** A port that is free now: the wanted one, or any when 0 is wanted. Fixed before the start, so that a restart keeps it. */
export async function claimPort(host: string, wanted: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(error, host, wanted)))
    server.listen({ host, port: wanted, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : wanted))
    })
  })
}

function refusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new MainstayError(
      'platform.port_in_use',
      `port ${port} of ${host} is used by another program`,
      { host, port },
      { cause: error },
    )
  }
  const why = error.code === 'EACCES' ? 'is reserved for the system' : (error.code ?? error.message)
  return new MainstayError(
    'platform.invalid_config',
    `port ${port} of ${host} ${why}`,
    { host, port },
    { cause: error },
  )
}

/** What a person or a program on this machine calls. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
