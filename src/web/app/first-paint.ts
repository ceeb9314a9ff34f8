import { applyTheme } from '../lib/theme.ts'

// Runs before the page is drawn, so that a dark page never flashes white.
applyTheme()
