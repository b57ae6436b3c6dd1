/** The systems that are searched side by side: a scenario of ours, and how to get the same size of the hand-written models. */

export interface Case {
  readonly name: string;
  /** The scenario in our catalogue, and the name of the hand-written models. */
  readonly scenario: string;
  readonly variant: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Macros of the Promela model, constants of the Murphi model. */
  readonly constants: Readonly<Record<string, number>>;
  /** Our variant ignores dead ends. */
  readonly ignoresDeadEnds: boolean;
  /** Rules of the Murphi model that are no steps of ours, see its last rule. */
  readonly extraRules: number;
}

type Parameters = Readonly<Record<string, number>>;

const FAULTS: Readonly<Record<string, string>> = {
  'left-handed': 'LEFT_HANDED',
  'no-abort': 'NO_ABORT',
  'no-discard': 'NO_DISCARD',
  'discard-first': 'DISCARD_FIRST',
  'one-pass': 'ONE_PASS',
};

function defineCase(scenario: string, variant: string, parameters: Parameters, sizes: Parameters): Case {
  const fault = FAULTS[variant];
  const size = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return {
    name: [scenario, ...(variant === 'fixed' || variant === 'all-states' ? [] : [variant]), ...size].join(' '),
    scenario,
    variant,
    parameters,
    constants: { ...sizes, ...(fault ? { [fault]: 1 } : {}) },
    ignoresDeadEnds: variant === 'all-states',
    extraRules: 0,
  };
}

export function philosophers(count: number, variant: 'all-states' | 'left-right' | 'left-handed' = 'all-states'): Case {
  return defineCase('dining-philosophers', variant, { philosophers: count }, { N: count });
}

export function twoPhaseCommit(count: number, variant: 'fixed' | 'no-abort' = 'fixed'): Case {
  // The states where everybody has finished: all have committed; or all have aborted, each with its vote not sent, not
  // seen, or seen.
  return {
    ...defineCase('two-phase-commit', variant, { managers: count }, { N: count }),
    extraRules: 3 ** count + 1,
  };
}

export function priOverflow(
  parameters: { devices: number; pages?: number; queueEntries?: number; workers?: number; generations?: number },
  variant: 'fixed' | 'no-discard' | 'discard-first' | 'one-pass' = 'fixed',
): Case {
  const { devices, pages = 2, queueEntries = 2, workers = 2, generations = 2 } = parameters;
  return defineCase('pri-overflow', variant, parameters, {
    DEVICES: devices,
    PAGES: pages,
    ENTRIES: queueEntries,
    WORKERS: workers,
    GENERATIONS: generations,
  });
}

/** For measuring: each takes seconds, and has 1.5 to 8.2 million states. */
export const LARGE: readonly Case[] = [
  philosophers(13),
  twoPhaseCommit(8),
  priOverflow({ devices: 2 }),
  priOverflow({ devices: 3, workers: 1, queueEntries: 1 }),
];

/** The same systems, smaller, to see that all is in working order. */
export const SMALL: readonly Case[] = [
  philosophers(8),
  twoPhaseCommit(5),
  priOverflow({ devices: 1 }),
  priOverflow({ devices: 2, workers: 1, queueEntries: 1 }),
];

/** For comparing counts and verdicts: several sizes of each parameter, and faults of design. */
export const COMPARED: readonly Case[] = [
  philosophers(4),
  philosophers(7),
  philosophers(6, 'left-handed'),
  philosophers(6, 'left-right'),
  twoPhaseCommit(3),
  twoPhaseCommit(5),
  twoPhaseCommit(4, 'no-abort'),
  priOverflow({ devices: 1 }),
  priOverflow({ devices: 1, pages: 3 }),
  priOverflow({ devices: 1, queueEntries: 3 }),
  priOverflow({ devices: 1, generations: 4 }),
  priOverflow({ devices: 2, queueEntries: 1 }),
  priOverflow({ devices: 2, workers: 1, queueEntries: 1 }),
  priOverflow({ devices: 1 }, 'no-discard'),
  priOverflow({ devices: 2 }, 'no-discard'),
  priOverflow({ devices: 1 }, 'discard-first'),
  priOverflow({ devices: 2 }, 'discard-first'),
  priOverflow({ devices: 1 }, 'one-pass'),
  priOverflow({ devices: 2 }, 'one-pass'),
];
