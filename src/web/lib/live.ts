import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { moduleOf } from './api.ts'

const settleMs = 250

let connected = false
const listeners = new Set<() => void>()

function setConnected(next: boolean): void {
  if (connected === next) return
  connected = next
  for (const listener of listeners) listener()
}

/** Refetches the modules that changed, in one go; data on the screen stays until the new has come. */
function invalidator(client: QueryClient): (type: string) => void {
  const waiting = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  return (type) => {
    waiting.add(moduleOf(type))
    timer ??= setTimeout(() => {
      timer = undefined
      for (const module of waiting) void client.invalidateQueries({ queryKey: [module] })
      waiting.clear()
    }, settleMs)
  }
}

function follow(client: QueryClient): () => void {
  const changed = invalidator(client)
  const source = new EventSource('/api/v1/events')
  let wasOpen = false
  source.onopen = () => {
    setConnected(true)
    // What happened while the stream was down is unknown, so everything is stale.
    if (wasOpen) void client.invalidateQueries()
    wasOpen = true
  }
  source.onerror = () => setConnected(false)
  source.addEventListener('fact', (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as { type?: string }
    if (event.type) changed(event.type)
  })
  return () => {
    source.close()
    setConnected(false)
  }
}

/** Keeps every page current by the server's events. Used once, in the shell. */
export function useLive(): void {
  const client = useQueryClient()
  useEffect(() => follow(client), [client])
}

/** Whether events arrive at the moment. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => connected,
  )
}
