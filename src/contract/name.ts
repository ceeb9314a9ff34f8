import { z } from 'zod'

/** Of models, endpoints, monitors and rules, as people choose it. */
export const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'uses letters, digits, “-”, “_” and “.”')
