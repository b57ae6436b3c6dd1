/** What becomes of a step of a stress run, how the log has it, and what may be found. */
import { MESSAGE_THINGS } from './layout.ts';

/** What became of a step. */
export const DONE = 0;
/** There is nothing that the starter could do. */
export const NONE = 1;
/** A refusal or a full channel disables it. */
export const DISABLED = 2;
/** Another thread was at the same slots. */
export const CONFLICT = 3;
/** It was done, and the unit is stopped: something is violated, or nobody takes a message. */
export const FOUND = 4;
/** Steps in the unit have come to an end: it is drained by another thread, or stopped. */
export const CLOSED = 5;

/** How a step starts, in the low bits of the first word of a log entry; above them the kind of its starter. */
export const CHOICE = 0;
export const DELIVERY = 1;
export const DUPLICATION = 2;
export const LOSS = 3;
export const HOW_BITS = 2;
/** Words of a log entry: how it starts plus one, the message, the things that it names. */
export const LOG_WORDS = 2 + MESSAGE_THINGS;

/** Findings: the property's number, or one of these. */
export const NOBODY_TAKES = -1;
export const NOT_QUIET = -2;
export const DEAD_END = -3;
export const UNBALANCED = -4;
export const STEP_WITHOUT_END = -5;
/** First of the monitors; that of the `always` properties is 1. */
export const FIRST_MONITOR = 1000;
