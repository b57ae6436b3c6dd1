/** How the steps of a starter stand in the array of the trees; see `timed-steps.ts`. */

/** A list is `[n, n x step]`; the words of a step. */
export const STEP_WORDS = 4;
export const CLOCK = 0;
export const MACHINE_STEPS = 1;
export const DELTA = 2;
export const EXTRAS = 3;

/** Effects: `[ARM, timer's message, place in delays]`, `[SEND, channel slot, place in transits]`, `[LEAVE, channel slot, message]`. */
export const EFFECT_WORDS = 3;
export const ARM = 0;
export const SEND = 1;
export const LEAVE = 2;

/** What is measured: `[which operation, of which measure, key]`. */
export const OPERATION_WORDS = 3;
