import css from './Empty.module.css'

const widths = ['72%', '54%', '64%', '48%', '68%']

/** Holds the place of what is loaded for the first time: as high as what will come. */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <div aria-busy="true" aria-label="loading" role="status">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className={css['bar']} style={{ width: widths[index % widths.length] }} />
      ))}
    </div>
  )
}
