/** What a model answers for one row: a number (value or probability), or a class by its name. */
export type Answer = number | string

const squared = (a: Answer, b: Answer): number =>
  typeof a === 'number' && typeof b === 'number' ? (a - b) ** 2 : a === b ? 0 : 1

/**
 * How much of what moves the answers is due to one input: E d²(f, f′) / E d²(fᵢ, fⱼ), where f′ is the answer with the
 * input's value taken from another row and i, j are any two rows; classes differ by 0 or 1. Between 0 (not read) and
 * about 1 (nothing else matters). Undefined when all answers are equal. For numbers it is the total-order sensitivity
 * index as Jansen estimates it, Comput. Phys. Commun. 117 (1999).
 */
export function totalEffect(answers: readonly Answer[], swapped: readonly Answer[]): number | undefined {
  let own = 0
  let all = 0
  let pairs = 0
  answers.forEach((answer, i) => {
    own += squared(answer, swapped[i] ?? answer)
    for (let j = 0; j < i; j++) {
      all += squared(answer, answers[j] as Answer)
      pairs++
    }
  })
  return all > 0 ? own / answers.length / (all / pairs) : undefined
}
