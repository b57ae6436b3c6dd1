/** Which transitions a stress run has taken, of those that an exhaustive search of the small system takes. */
import { coverageOf, type MachineCoverages } from '../coverage/coverage.ts';
import { check } from '../explore/check.ts';
import type { Plan } from '../stress/plan.ts';
import type { System } from '../system/system.ts';
import { Walker } from '../tabulate/walker.ts';
import type { StressDocument } from './documents.ts';
import { defaultBytes } from './machine-memory.ts';
import type { StressRequest } from './stress-request.ts';
import { buildSystem } from './target.ts';

/** The small system is that of `check`; with other parameters it may be too large. */
const SEARCH_SECONDS_MAX = 120;

type CoverageDocument = NonNullable<StressDocument['coverage']>;

/** @throws ModelError when the small system cannot be searched */
export async function coverageDocumentOf(
  plan: Plan,
  { small }: StressRequest,
  signal: AbortSignal,
): Promise<CoverageDocument> {
  const bounds = { maxSeconds: SEARCH_SECONDS_MAX, maxBytes: defaultBytes(), signal };
  const { tables, occurred, verdict, states } = await check(buildSystem(small), { ...bounds, coverage: true });
  const searched = ofActors(coverageOf(tables, occurred!), tables.system);
  const run = ofActors(coverageOfRun(plan), plan.system);
  return {
    parameters: small.parameters,
    ...{ verdict, states, complete: occurred!.complete },
    transitions: [...run.keys()].reduce((sum, name) => sum + (searched.get(name)?.seen.transitions.size ?? 0), 0),
    missing: onlyIn(searched, run),
    beyond: onlyIn(run, searched),
  };
}

function coverageOfRun(plan: Plan): MachineCoverages {
  const { tables, occurrences } = plan.tables.occurred();
  // What actors send each other before the first step was done when the template was started.
  const walker = new Walker(tables);
  walker.occurrences = occurrences;
  walker.start();
  occurrences.commit();
  return coverageOf(tables, { occurrences, complete: false });
}

/** Without monitors, of which there may be others in a stress run. */
function ofActors(coverages: MachineCoverages, system: System): MachineCoverages {
  return new Map([...coverages].filter(([, { actors }]) => [...actors.keys()].some((name) => name in system.actors)));
}

/** The transitions that the one has taken and the other has not, of the machines that are in both. */
function onlyIn(one: MachineCoverages, other: MachineCoverages): CoverageDocument['missing'] {
  return [...one].flatMap(([machine, { seen }]) => {
    const known = other.get(machine)?.seen.transitions;
    if (!known) return [];
    return [...seen.transitions].filter((id) => !known.has(id)).map((transition) => ({ machine, transition }));
  });
}
