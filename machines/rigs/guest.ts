/** Whoever owns the devices, a guest or a process of the host, as the actor that starts their DMA: at any time, and never because it has to. */
import { type Actor, actor } from '../../src/system/system.ts';
import { type GuestDriverEvent, guestDriver } from '../guest/guest-driver.ts';
import { vcpu } from '../guest/vcpu.ts';

/** Every device may write to every page. List 'DMA' as `blocking`. */
export function startsDma(devices: readonly string[], pages: readonly string[]): Actor<typeof guestDriver> {
  return starts(devices.flatMap((device) => pages.map((page) => ({ type: 'POST_DMA', device, page }))));
}

/**
 * DMA of every device may fault with every page request group index. List 'REQUEST' as `blocking`.
 *
 * @param except what somebody else starts
 */
export function startsFaultingDma(
  devices: readonly string[],
  indexes: readonly string[],
  except?: { readonly device: string; readonly index: string },
): Actor<typeof guestDriver> {
  const choices = devices.flatMap((device) =>
    indexes.map((index) => ({ type: 'POST_FAULTING_DMA' as const, device, index })),
  );
  return starts(choices.filter(({ device, index }) => device !== except?.device || index !== except.index));
}

/** The CPUs of a guest, which touch any of these pages at any time. List 'FAULT' as `blocking`. */
export function touches(pages: readonly string[]): Actor<typeof vcpu> {
  return actor(vcpu, { choices: pages.map((page) => ({ type: 'TOUCH', page })), rest: () => true });
}

function starts(choices: readonly GuestDriverEvent[]) {
  return actor(guestDriver, { input: {}, choices, rest: () => true });
}
