/** Whether actors get anywhere. */
import { leadsTo, type Property } from '../../src/system/property.ts';

/** An actor that comes to a state leaves it some day. */
export function isLeft(state: string, actor: string, name: string): Property {
  return leadsTo(
    name,
    (view) => view.get(actor).matches(state),
    (view) => !view.get(actor).matches(state),
  );
}

/** Who takes a mutex gives it back some day. */
export function letsGo(mutex: string, actor: string, name: string): Property {
  return leadsTo(
    name,
    (view) => view.get(mutex).context.holder === actor,
    (view) => view.get(mutex).context.holder !== actor,
  );
}
