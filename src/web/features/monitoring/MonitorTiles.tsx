import type { MonitorDetail } from '../../../contract/monitoring.ts'
import { saidOfCheck } from '../../lib/verdict-words.ts'
import { Tile, Tiles } from '../../ui/Tile.tsx'

type TileOf = MonitorDetail['tiles'][number]

export const tileNames: Record<TileOf['name'], string> = {
  traffic: 'Traffic',
  performance: 'Performance',
  quality: 'Data quality',
  drift: 'Input drift',
  fairness: 'Fairness',
  value: 'Business value',
}

interface MonitorTilesProps {
  tiles: readonly TileOf[]
  onAsk: (name: TileOf['name']) => void
}

/** The six questions about a model in production; each tells how its number was found. */
export function MonitorTiles({ tiles, onAsk }: MonitorTilesProps) {
  return (
    <Tiles>
      {tiles.map((tile) => {
        const { state, word } = saidOfCheck(tile.state)
        return (
          <Tile
            key={tile.name}
            name={tileNames[tile.name]}
            state={state}
            word={word}
            value={tile.value}
            unit={tile.value === '—' ? '' : tile.unit}
            note={<span title={tile.note}>{tile.note}</span>}
            trend={tile.series.length > 1 ? tile.series.map((point) => point.value) : undefined}
            onAsk={() => onAsk(tile.name)}
            {...(tile.name === 'performance' ? { slot: 1 as const } : {})}
          />
        )
      })}
    </Tiles>
  )
}
