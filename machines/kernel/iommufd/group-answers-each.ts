/**
 * The group of `group.ts` that answers for the user with each device that leaves, and not with the last one alone. In no release: with
 * `eventq-dev-id-of-param.ts` it is the repair that we propose.
 *
 * Simplification: all groups of the page table are answered, those of the devices that stay too, which is one more fault for them.
 */
import { iommufdGroupParts } from './group.ts';

export const iommufdGroupAnswersEach = iommufdGroupParts.createMachine({
  id: 'iommufdGroupAnswersEach',
  context: ({ input }) => input,
  on: {
    DETACH_DEVICE: [
      { guard: 'isLast', actions: ['eraseDevice', 'autoRespond', 'freeHandle'] },
      { actions: ['eraseDevice', 'autoRespond'] },
    ],
  },
});
