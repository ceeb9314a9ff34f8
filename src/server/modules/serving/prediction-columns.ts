/** Which outputs speak: the answer itself, and of a binary classifier what it gives the class 1. */
export interface PredictionColumns {
  value: string
  probability: string | undefined
}

/** From the names of a model's outputs; undefined when there is none. */
export function predictionColumns(outputs: readonly string[]): PredictionColumns | undefined {
  const probability =
    outputs.find((name) => /^(probability|probabilities|score)([_.]1|_true)?$/i.test(name)) ??
    outputs.find((name) => /prob/i.test(name) && /(1|true)$/i.test(name))
  const value = outputs.find((name) => name !== probability && !/prob/i.test(name)) ?? outputs[0]
  return value === undefined ? undefined : { value, probability }
}
