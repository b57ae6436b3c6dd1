/** What kernels have of the way of a fault to user space: who owns a group, how it is queued, and what a reader meets. */
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { faultQueueV614 } from '../kernel/iommufd/eventq-v6.14.ts';
import { faultQueueV611 } from '../kernel/iommufd/fault-v6.11.ts';
import { userReader } from '../user/reader.ts';
import { userReader172fc8b19825 } from '../user/reader-172fc8b19825.ts';
import { userReaderV611 } from '../user/reader-v6.11.ts';
import { userReaderV614 } from '../user/reader-v6.14.ts';

/** By the commit or the release from which on it is so; the newest since 738e6f32e61d. */
export const iommufdKernels = {
  newest: { param: faultParam, queue: faultQueue, reader: userReader },
  '172fc8b19825': { param: faultParam9759ae2cee7c, queue: faultQueueV614, reader: userReader172fc8b19825 },
  'v6.14': { param: faultParam9759ae2cee7c, queue: faultQueueV614, reader: userReaderV614 },
  'v6.11': { param: faultParamV69, queue: faultQueueV611, reader: userReaderV611 },
};
