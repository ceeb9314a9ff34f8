/** Open: each module adds its tables by declaring this interface again, so one owner per table. */
// oxlint-disable-next-line typescript/no-empty-interface -- filled by declaration merging
export interface Tables {}
