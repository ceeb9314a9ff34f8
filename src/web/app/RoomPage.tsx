import { Empty } from '../ui/Empty.tsx'
import { Page } from '../ui/Page.tsx'
import { emptyRooms, type EmptyRoom } from '../lib/empty-rooms.ts'
import type { Room } from './rooms.ts'

/** A room in which nothing is yet: its empty state teaches. */
export function RoomPage({ room }: { room: Room }) {
  const empty: EmptyRoom = emptyRooms[room.id]
  return (
    <Page title={room.word} facts={room.about}>
      <Empty title={empty.title} {...(empty.command ? { command: empty.command } : {})}>
        {empty.text}
      </Empty>
    </Page>
  )
}
