import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'

export interface Requests {
  status(): object
  /** Ends everything; resolves when only the supervisor is left. */
  down(): Promise<void>
}

const longestRequest = 4_096

/** `<home>/run/supervisor.sock`: one JSON line asks, JSON lines answer. Only this machine's user can reach it. */
export async function listenForRequests(path: string, requests: Requests): Promise<Server> {
  await rm(path, { force: true })
  const server = createServer((socket) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end >= 0) answer(socket, text.slice(0, end), requests)
      else if (text.length > longestRequest) socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return server
}

function answer(socket: Socket, line: string, requests: Requests): void {
  const say = (value: object): void => void socket.write(`${JSON.stringify(value)}\n`)
  if (line === '{"do":"status"}') {
    say(requests.status())
    socket.end()
  } else if (line === '{"do":"down"}') {
    say({ ending: true })
    void requests.down()
  } else {
    say({ error: 'ask {"do":"status"} or {"do":"down"}' })
    socket.end()
  }
}
