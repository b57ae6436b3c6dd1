import { expect, test } from 'vitest';
import { citationsOf, documentationOf } from './header.ts';

const HEADER = `The queue of a device (arm-smmu-v3.c
queue_poll()), to v6.8. It is emptied by one thread.

  empty   waits
  full    drops

List 'ACQUIRE' as \`blocking\`.

Simplifications: one queue;
munmap() is not there.`;

test('a header is taken apart: one line, paragraphs, what is laid out, simplifications', () => {
  expect(documentationOf(HEADER, '')).toEqual({
    summary: 'The queue of a device, to v6.8',
    description: [
      'The queue of a device (arm-smmu-v3.c queue_poll()), to v6.8. It is emptied by one thread.',
      '  empty   waits\n  full    drops',
      "List 'ACQUIRE' as `blocking`.",
    ],
    simplifications: ['One queue; munmap() is not there.'],
  });
});

test('a machine among several in its file has a line of its own as well', () => {
  const { summary, description } = documentationOf(HEADER, 'Since v6.9 it has two threads. They race.');
  expect(summary).toBe('The queue of a device, to v6.8. Since v6.9 it has two threads');
  expect(description.at(-1)).toBe('Since v6.9 it has two threads. They race.');
});

test('a file without a header says nothing', () => {
  expect(documentationOf('', '')).toEqual({ summary: '', description: [], simplifications: [] });
});

test('what comments cite of kernels and specifications, each once', () => {
  const comments = `arm-smmu-v3.c queue_poll(), iommufd/eventq.c from v6.11 to 9759ae2cee7c; see \`../iommu/v5.12.ts\`.
    SMMUv3 H.a, sections 3.5, 8.1 and 8.2; PCIe 10.4.2; VT-d section 7.10, v6.11 again; AMD I/O Virtualization Technology specification, 2.2.3; createMachine() is not of a kernel`;
  expect(citationsOf(comments)).toEqual({
    files: ['arm-smmu-v3.c', 'iommufd/eventq.c'],
    functions: ['queue_poll()'],
    sections: [
      'SMMUv3 3.5',
      'SMMUv3 8.1',
      'SMMUv3 8.2',
      'PCIe 10.4.2',
      'VT-d 7.10',
      'AMD I/O Virtualization Technology 2.2.3',
    ],
    versions: ['v6.11'],
    commits: ['9759ae2cee7c'],
  });
});
