/** States of one version of a machine that another version has, too. */

/** The states but for some: for a version that does not come to them. */
export function without<States extends object, Name extends keyof States>(
  states: States,
  ...names: readonly Name[]
): Omit<States, Name> {
  const left = { ...states };
  for (const name of names) delete left[name];
  return left;
}
