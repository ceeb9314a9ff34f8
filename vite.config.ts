import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const server = 'http://127.0.0.1:7070'
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('./src/web'),
  plugins: [react()],
  build: {
    outDir: here('./dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            {
              name: 'router',
              test: /node_modules\/@tanstack\/(react-router|router-core|history|react-query|query-core|react-store|store)\//,
            },
            {
              name: 'floating',
              test: /node_modules\/(@mantine|@floating-ui|react-remove-scroll|react-number-format)\//,
            },
            { name: 'table', test: /node_modules\/@tanstack\/(react-table|table-core|react-virtual|virtual-core)\// },
            { name: 'zod', test: /node_modules\/zod\// },
            { name: 'uplot', test: /node_modules\/uplot\// },
            { name: 'echarts', test: /node_modules\/(echarts|zrender)\// },
            { name: 'graph', test: /node_modules\/(@xyflow|@dagrejs|d3-[a-z]+|zustand|classcat)\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/v2', '/docs', '/healthz', '/readyz'].map((path) => [path, { target: server }]),
    ),
  },
})
