import { z } from 'zod'

/** Lists are read by keyset: `next` of one page is `after` of the following one, and is opaque. */
export const PageInput = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().optional(),
})

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() })
}
