/** Names that differ in a number, in few words. */

/** `page3 … page40` for consecutive ones, and of what is left the first few. */
export function runsText(names: readonly string[], listed = 4): string {
  const runs = runsOf(names);
  const texts = runs.map((run) => (run.length > 2 ? `${run[0]} … ${run.at(-1)}` : run.join(', ')));
  const rest = runs.slice(listed).flat().length;
  return rest === 0 ? texts.join(', ') : `${texts.slice(0, listed).join(', ')} and ${rest} more`;
}

/** `page3 … page40` where all are one run; undefined where there are gaps. */
export function oneRun(names: readonly string[]): string | undefined {
  return runsOf(names).length === 1 && names.length > 2 ? runsText(names) : undefined;
}

/** A name with `*` for each of its numbers. */
export function unnumbered(name: string): string {
  return name.replaceAll(/\d+/g, '*');
}

/** A name that is not taken yet; from then on it is. */
export function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name += "'";
  taken.add(name);
  return name;
}

function runsOf(names: readonly string[]): string[][] {
  const runs: string[][] = [];
  for (const name of names) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && follows(last, name)) runs.at(-1)!.push(name);
    else runs.push([name]);
  }
  return runs;
}

function follows(one: string, next: string): boolean {
  const [, before, number, after] = /^(.*?)(\d+)(\D*)$/s.exec(one) ?? [];
  return number !== undefined && next === `${before}${Number(number) + 1}${after}`;
}
