/** Open: each module adds its tables by declaring this interface again, so one owner per table. */
export interface Tables {}
