const paths = {
  overview: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  experiments: 'M5.5 2h5M6.5 2v4.2L2.8 13c-.3.6 0 1 .6 1h9.2c.6 0 .9-.4.6-1L9.5 6.2V2',
  datasets:
    'M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2Zm0 0v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4m-11 4c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2',
  features: 'M2 4h12M2 8h12M2 12h12M5 2.5v3M10.5 6.5v3M6.5 10.5v3',
  models: 'M8 1.5 14 4.7v6.6L8 14.5 2 11.3V4.7ZM2 4.7 8 8l6-3.3M8 8v6.5',
  pipelines: 'M1.5 3h4v4h-4zM10.5 9h4v4h-4zM5.5 5h2.8c1 0 1.7.7 1.7 1.7v2.6c0 1 .2 1.7.5 1.7',
  endpoints: 'M1.5 8h4.2M14 3.5h-3.5C7.5 3.5 5.7 5.5 5.7 8s1.8 4.5 4.8 4.5H14',
  monitoring: 'M1 8h3l2-5 3.5 10 2-5H15',
  llm: 'M2 2.5h12v9H7.5L4 14v-2.5H2Z',
  automation: 'M9 1.5 3 9h4.5L7 14.5 13 7H8.5Z',
  governance: 'M8 1.5 13.5 3.5v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4Z',
  cost: 'M11.5 4.5C11 3.6 9.8 3 8 3 6 3 4.5 3.9 4.5 5.4c0 3.4 7.2 1.7 7.2 5.2C11.7 12.1 10 13 8 13s-3.5-.7-4-1.8M8 1v14',
  settings: 'M2 5h7M13 5h1M2 11h1M7 11h7M9 3h3.5v4H9zM3 9h3.5v4H3z',
  docs: 'M3 2h7l3 3v9H3ZM10 2v3h3M5.5 8h5M5.5 11h5',
  leave: 'M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3',
  light: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  dark: 'M13.5 9.5A6 6 0 1 1 6.5 2.5a4.8 4.8 0 0 0 7 7Z',
  system: 'M1.5 2.5h13v8.5h-13zM5.5 14h5M8 11v3',
} as const

export type IconName = keyof typeof paths

/** Line icons for the rail and the top bar; a state has its own shapes. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
      strokeLinejoin="round"
      strokeLinecap="round"
      aria-hidden="true"
      style={{ flex: 'none', display: 'block' }}
    >
      <path d={paths[name]} />
    </svg>
  )
}
