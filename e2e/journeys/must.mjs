export function must(holds, sentence) {
  if (!holds) throw new Error(sentence)
}
