/** One of the eight colour-blind-safe series colours; a run or variant keeps its slot on every page. */
export type Slot = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

export const slotAt = (index: number): Slot => ((index % 8) + 1) as Slot

/** For CSS. Canvas needs the computed colour: see `ui/chart-colours.ts`. */
export const slotColour = (slot: Slot): string => `var(--s${slot})`
