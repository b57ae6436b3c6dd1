/** A worker thread has failed: what was found is not to be trusted. */
export class WorkerFailed extends Error {}
