/** A share as sentences say it: `6.5 %` below a tenth, else `42 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
