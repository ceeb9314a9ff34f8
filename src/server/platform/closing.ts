/** Closes what was built, in reverse order. (Node 20 has no AsyncDisposableStack.) */
export class Closing implements AsyncDisposable {
  readonly #steps: (() => Promise<unknown>)[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.#steps.push(() => Promise.resolve(resource[Symbol.asyncDispose]()))
    return resource
  }

  defer(close: () => Promise<unknown>): void {
    this.#steps.push(close)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step()
  }
}
