/**
 * What was measured: the tables of the cover letter of VFIO IOPF v2 (seed 000; `constants.md` C.1), which v3 repeats as 100 % minus the kept
 * share (C.2). Speeds are in KB/s, 1 MB = 1024 KB, and a run of `times` messages took `times` x KB / speed seconds.
 */
export interface Measured {
  readonly name: string;
  readonly series: 'sva' | 'vfio' | 'premap';
  readonly times: number;
  readonly megabytes: number;
  /** In KB/s. */
  readonly without: number;
  readonly with: number;
  readonly faults: number;
}

const table = (
  series: Measured['series'],
  megabytes: number,
  rows: readonly (readonly [times: number, without: number, withIopf: number, faults: number])[],
): Measured[] =>
  rows.map(([times, without, withIopf, faults]) => ({
    name: `${{ sva: 'SVA', vfio: 'VFIO', premap: 'VFIO, 512' }[series]} x${times}`,
    series,
    times,
    megabytes,
    without,
    with: withIopf,
    faults,
  }));

export const MEASURED: readonly Measured[] = [
  ...table('sva', 1, [
    [1, 951_672, 163_866, 512],
    [100, 8_691_961, 4_529_971, 1024],
    [1000, 9_158_721, 8_376_346, 1024],
    [5000, 9_184_532, 9_008_739, 1024],
  ]),
  ...table('vfio', 1, [
    [1, 325_596, 119_152, 518],
    [100, 7_524_985, 5_804_659, 1058],
    [1000, 8_661_817, 8_440_209, 1071],
    [5000, 8_804_512, 8_724_368, 1216],
  ]),
  ...table('premap', 10, [
    [1, 1_012_758, 682_257, 13],
    [100, 8_680_688, 8_374_154, 26],
    [1000, 8_860_861, 8_719_918, 26],
  ]),
];

/** How long a run took, in microseconds. */
export function timeOf({ times, megabytes, without, with: withIopf }: Measured, iopf: boolean): number {
  return (times * megabytes * 1024 * 1e6) / (iopf ? withIopf : without);
}

/** The share of the speed that is kept with IOPF, in percent. */
export const keptOf = (without: number, withIopf: number) => (100 * without) / withIopf;

export const measuredKept = (row: Measured) => keptOf(timeOf(row, false), timeOf(row, true));

export function rowOf(series: Measured['series'], times: number): Measured {
  return MEASURED.find((row) => row.series === series && row.times === times)!;
}
