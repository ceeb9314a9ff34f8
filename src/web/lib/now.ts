import { useEffect, useState } from 'react'

const tickMs = 1_000

/** The present instant, which goes on while `live`. */
export function useNow(live: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!live) return
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [live])
  return now
}
