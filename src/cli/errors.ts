/** Errors in the words of the command line. */
export { possibleNames, textOf, UsageError } from '../system/errors.ts';
