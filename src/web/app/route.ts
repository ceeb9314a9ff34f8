import { createRootRoute, createRoute, lazyRouteComponent, useParams } from '@tanstack/react-router'
import { createElement, type ComponentType, type ReactNode } from 'react'
import { PageFailed, PageMissing, PageWaits } from './PageStates.tsx'
import { Shell } from './Shell.tsx'
import type { RoomId } from '../lib/rooms.ts'

export interface Crumb {
  word: string
  /** A path with its parameters filled in; the last crumb needs none. */
  to?: string
  /** In place of the word: a name that the server knows. */
  shown?: ReactNode
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** The room of the rail that is marked. */
    room?: RoomId
    crumbs?: (params: Record<string, string>) => readonly Crumb[]
  }
}

/** `/models/$model/versions/$version` → `{ model: string; version: string }` */
export type ParamsOf<Path extends string> = Path extends `${string}$${infer Name}/${infer Rest}`
  ? Record<Name, string> & ParamsOf<`/${Rest}`>
  : Path extends `${string}$${infer Name}`
    ? Record<Name, string>
    : object

/** The router reads `version=3` as a number and `open=true` as a boolean; here a value is a word. */
const asWord = (name: string, value: unknown): [string, string][] =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : []

export const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: PageMissing,
  errorComponent: PageFailed,
  validateSearch: (search: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(Object.entries(search).flatMap(([name, value]) => asWord(name, value))),
})

interface PageInput<Path extends string> {
  path: Path
  room?: RoomId
  crumbs: (params: ParamsOf<Path>) => readonly Crumb[]
  /** Fetches the page when it is first opened or pointed at; the page gets the path's parameters as props. */
  load: () => Promise<ComponentType<ParamsOf<Path>>>
}

function withParams<Props>(Page: ComponentType<Props>): ComponentType {
  return function RoutedPage() {
    const params = useParams({ strict: false })
    // What was typed or opened for one thing is not carried over to another.
    return createElement(Page as ComponentType<object>, { key: JSON.stringify(params), ...params })
  }
}

/** One page of the product. */
export function page<const Path extends string>({ path, room, crumbs, load }: PageInput<Path>) {
  return createRoute({
    getParentRoute: () => rootRoute,
    path,
    component: lazyRouteComponent(async () => ({ default: withParams(await load()) })),
    errorComponent: PageFailed,
    pendingComponent: PageWaits,
    staticData: { ...(room ? { room } : {}), crumbs: crumbs as (params: Record<string, string>) => readonly Crumb[] },
  })
}
