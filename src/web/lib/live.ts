import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { moduleOf } from './api.ts'

const settleMs = 250
const restMs = 750

let connected = false
const listeners = new Set<() => void>()

function setConnected(next: boolean): void {
  if (connected === next) return
  connected = next
  for (const listener of listeners) listener()
}

/** What else a fact of a module changes: a promotion is an entry of the incident and moves the endpoint's traffic. */
const touched: Readonly<Record<string, readonly string[]>> = {
  rollouts: ['serving', 'monitoring', 'audit'],
  automation: ['monitoring', 'audit'],
  pipelines: ['audit'],
  registry: ['audit'],
  project: ['serving', 'monitoring', 'automation', 'pipelines', 'registry', 'audit'],
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Refetches the modules that changed, in one go; data on the screen stays until the new has come. The next round
 * starts when the one before has ended, so a replay's thousands of facts do not become thousands of requests.
 */
function invalidator(client: QueryClient): (type: string) => void {
  const waiting = new Set<string>()
  let running = false
  const run = async (): Promise<void> => {
    running = true
    await wait(settleMs)
    while (waiting.size > 0) {
      const modules = [...waiting]
      waiting.clear()
      await Promise.all(modules.map((module) => client.invalidateQueries({ queryKey: [module] })))
      await wait(restMs)
    }
    running = false
  }
  return (type) => {
    const module = moduleOf(type)
    for (const one of [module, ...(touched[module] ?? [])]) waiting.add(one)
    if (!running) void run()
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
