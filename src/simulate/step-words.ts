/** How the steps of a starter stand in the array of the trees; see `timed-steps.ts`. */

/** A list is `[n, whether a step in it has things, n x step]`; the words before the steps. */
export const LIST_WORDS = 2;
/** In a list's second word, bits: some step in it has things; a step's starter has to be looked at once more before it happens. */
export const HAS_THINGS = 1;
export const HAS_STRANGERS = 2;
/** The words of a step. */
export const STEP_WORDS = 5;
/** What is timed: see `Clocks`. */
export const TIMED_STEP = 0;
export const MACHINE_STEPS = 1;
export const DELTA = 2;
export const EXTRAS = 3;
/** Where what tells its instances apart stands; 0: nothing. */
export const THINGS = 4;

/**
 * Effects: `[ARM, timer's message, place in delays, slot]`, `[SEND, channel slot, place in transits, message]`,
 * `[LEAVE, channel slot, message, 0]`.
 */
export const EFFECT_WORDS = 4;
export const ARM = 0;
export const SEND = 1;
export const LEAVE = 2;

/** What is measured: `[which operation, of which measure, key]`. */
export const OPERATION_WORDS = 3;
