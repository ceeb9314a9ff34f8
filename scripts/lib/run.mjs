import { spawn } from 'node:child_process'
import { fail } from './console.mjs'
import { root } from './files.mjs'

/** Runs a command to its end and returns its exit code and what it printed. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }))
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 1, output: signal ? `${output}\nended by ${signal}` : output }),
    )
  })
}

/** Runs a command whose output matters only when it fails. */
export async function must(command, args, options = {}, sentence = `${command} ${args[0] ?? ''} failed.`) {
  const { code, output } = await capture(command, args, options)
  if (code !== 0) fail(`${output.trim().split('\n').slice(-40).join('\n')}\n${sentence}`)
  return output
}

/** Hands the terminal to a command, passes signals on, and returns its exit code. */
export function handOver(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options })
    const ignore = () => undefined
    const pass = () => child.kill('SIGTERM')
    process.on('SIGINT', ignore)
    process.on('SIGTERM', pass)
    child.on('error', (error) => {
      console.error(error.message)
      resolve(127)
    })
    child.on('close', (code) => {
      process.off('SIGINT', ignore)
      process.off('SIGTERM', pass)
      resolve(code ?? 1)
    })
  })
}

/** A tool from node_modules, run by this Node: works on any machine and without npx. */
export const tool = (file) => [`${root}/node_modules/${file}`]
