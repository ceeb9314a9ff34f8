import { rooms, type Room, type RoomId } from '../lib/rooms.ts'
import { Empty } from './Empty.tsx'
import { Page } from './Page.tsx'

/** A room in which nothing is yet: its empty state teaches. */
export function EmptyRoom({ id }: { id: RoomId }) {
  const { word, about, empty }: Room = rooms[id]
  return (
    <Page title={word} facts={about}>
      <Empty title={empty.title} command={empty.command}>
        {empty.text}
      </Empty>
    </Page>
  )
}
