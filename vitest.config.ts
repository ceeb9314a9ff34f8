import { defineConfig } from 'vitest/config'

const pure = 'src/{contract,stats}/**/*.test.ts'

export default defineConfig({
  test: {
    /** Many tests wait for processes: two at a time also on a small machine. */
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'pure',
          include: [pure],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        test: {
          name: 'modules',
          include: ['src/**/*.test.{ts,tsx}'],
          exclude: [pure],
          pool: 'threads',
          isolate: true,
          // Guards against a hang, not against a busy machine.
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
})
