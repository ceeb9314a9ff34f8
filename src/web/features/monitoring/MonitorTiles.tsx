import type { MonitorDetail } from '../../../contract/monitoring.ts'
import { saidOfCheck } from '../../lib/verdict-words.ts'
import { Tile, Tiles } from '../../ui/Tile.tsx'

type TileOf = MonitorDetail['tiles'][number]

const names: Record<TileOf['name'], string> = {
  traffic: 'Traffic',
  performance: 'Performance',
  quality: 'Data quality',
  drift: 'Input drift',
  fairness: 'Fairness',
  value: 'Business value',
}

/** The six questions about a model in production; the one about performance tells how it was decided. */
export function MonitorTiles({ tiles, onAsk }: { tiles: readonly TileOf[]; onAsk: () => void }) {
  return (
    <Tiles>
      {tiles.map((tile) => {
        const { state, word } = saidOfCheck(tile.state)
        return (
          <Tile
            key={tile.name}
            name={names[tile.name]}
            state={state}
            word={word}
            value={tile.value}
            unit={tile.unit}
            note={<span title={tile.note}>{tile.note}</span>}
            trend={tile.series.length > 1 ? tile.series.map((point) => point.value) : undefined}
            {...(tile.name === 'performance' ? { slot: 1 as const, onAsk } : {})}
          />
        )
      })}
    </Tiles>
  )
}
