/** These things, for a list that has them only under a condition: `[a, ...when(variant === 'fixed', b, c)]`. */
export function when<Things extends readonly unknown[]>(is: boolean, ...things: Things): Things | readonly [] {
  return is ? things : [];
}
