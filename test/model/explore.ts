// Exhaustive search, breadth first: every state that the actions reach up to a depth, each once, with its invariants asked. The first
// state that breaks one is told with the shortest way to it.

export interface Step<State> {
  /** For people: what happened. */
  readonly name: string;
  readonly next: State;
}

export interface Model<State> {
  readonly initial: State;
  /** Every way on. A throw is a broken invariant of its own. */
  readonly steps: (state: State) => readonly Step<State>[];
  /** Equal texts are equal states. */
  readonly keyOf: (state: State) => string;
  /** What is broken, in words; empty while all holds. */
  readonly broken: (state: State) => readonly string[];
}

export interface Exploration {
  readonly states: number;
  /** Transitions taken: each is one way in which two things can follow each other. */
  readonly interleavings: number;
  readonly depth: number;
  /** States at the last depth that still had ways on: 0 when everything was seen. */
  readonly unexplored: number;
  readonly counterexample: { readonly problems: readonly string[]; readonly trace: readonly string[] } | null;
}

interface Seen {
  readonly from: number;
  readonly name: string;
}

export function explore<State>(
  model: Model<State>,
  bounds: { readonly depthMax: number; readonly statesMax: number },
): Exploration {
  const seen = new Map<string, number>([[model.keyOf(model.initial), 0]]);
  const ways: Seen[] = [{ from: -1, name: 'start' }];
  let frontier: { readonly state: State; readonly index: number }[] = [{ state: model.initial, index: 0 }];
  let interleavings = 0;
  let depth = 0;
  const found = (problems: readonly string[], index: number, last: string | null = null): Exploration => ({
    ...{ states: seen.size, interleavings, depth, unexplored: frontier.length },
    counterexample: { problems, trace: [...traceOf(ways, index), ...(last === null ? [] : [last])] },
  });
  for (; depth < bounds.depthMax && frontier.length > 0 && seen.size < bounds.statesMax; depth += 1) {
    const next: typeof frontier = [];
    for (const { state, index } of frontier) {
      if (seen.size >= bounds.statesMax) break;
      let steps: readonly Step<State>[];
      try {
        steps = model.steps(state);
      } catch (error) {
        return found([String(error)], index);
      }
      for (const step of steps) {
        interleavings += 1;
        const key = model.keyOf(step.next);
        if (seen.has(key)) continue;
        seen.set(key, ways.length);
        ways.push({ from: index, name: step.name });
        const problems = model.broken(step.next);
        if (problems.length > 0) return found(problems, ways.length - 1);
        next.push({ state: step.next, index: ways.length - 1 });
      }
    }
    frontier = next;
  }
  return { states: seen.size, interleavings, depth, unexplored: frontier.length, counterexample: null };
}

function traceOf(ways: readonly Seen[], index: number): string[] {
  const trace: string[] = [];
  for (let at = index; at > 0; at = ways[at]?.from ?? -1) trace.push(ways[at]?.name ?? '');
  return trace.reverse();
}
