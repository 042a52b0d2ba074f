// Writes "this transition, while another region is in one of these states" as the plain list of guarded candidates that XState
// reads. It knows `stateIn` only, because that is the one guard that can be judged ahead of time.
import { stateIn } from 'xstate';

/** One candidate transition to `target` for each state of `region` in which it is allowed; in any other state it is refused. */
export function whileIn(region: string, states: readonly string[], target: string) {
  return states.map((state) => ({ target, guard: stateIn({ [region]: state }) }));
}
