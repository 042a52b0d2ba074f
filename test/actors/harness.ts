// Shared by the actor tests: a simulated system with its events, outputs and drains on record, and small actors.
import type { ActorSpec, ChildSpec, Escalation, LifecycleEvent, Ref, Snapshot, SupervisorSpec } from '#actors/actor.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import { ActorSystem, type SystemOptions } from '#actors/system.ts';

export interface Simulation {
  readonly system: ActorSystem;
  readonly scheduler: SimulatedScheduler;
  readonly events: LifecycleEvent[];
  readonly escalations: Escalation[];
  /** `<actor> <output>` and `drainEnd` lines. */
  readonly outputs: string[];
}

export type Options = Partial<Omit<SystemOptions, 'root' | 'scheduler'>> & { readonly simulationSeed?: number };

/** A started system over `children`, all at rest. */
export async function simulate(
  children: readonly ChildSpec[],
  root: Partial<SupervisorSpec> = {},
  options: Options = {},
): Promise<Simulation> {
  const simulation = build(children, root, options);
  const started = simulation.system.start();
  await simulation.scheduler.settle();
  if (root.strategy === undefined || root.strategy === 'one_for_one') await started;
  return simulation;
}

export function build(
  children: readonly ChildSpec[],
  root: Partial<SupervisorSpec> = {},
  options: Options = {},
): Simulation {
  const scheduler = new SimulatedScheduler(options.simulationSeed ?? 1, 1_000_000);
  const events: LifecycleEvent[] = [];
  const escalations: Escalation[] = [];
  const outputs: string[] = [];
  const outlet = {
    emit: (actor: Ref, output: unknown) => {
      outputs.push(`${actor.id} ${String(output)}`);
    },
    drainEnd: () => {
      outputs.push('drainEnd');
    },
  };
  const system = new ActorSystem({
    root: { id: 'root', strategy: 'one_for_one', ...root, children },
    scheduler,
    seed: 1,
    outlet,
    onEscalation: (escalation) => escalations.push(escalation),
    ...options,
  });
  system.subscribe((event) => events.push(event));
  return { system, scheduler, events, escalations, outputs };
}

/** Short backoff, so that restarts are a few virtual milliseconds away. */
export const quick = { minMs: 10, maxMs: 40, stableMs: 1_000 };

export type ProbeMessage = string;

export interface Probe extends ActorSpec<string[], ProbeMessage> {
  /** Every message handled, by all incarnations. */
  readonly seen: string[];
  readonly hooks: string[];
}

/** Records what it handles and which hooks ran; `boom` throws. */
export function probe(id: string, more: Partial<ActorSpec<string[], ProbeMessage>> = {}): Probe {
  const seen: string[] = [];
  const hooks: string[] = [];
  return {
    id,
    backoff: quick,
    seen,
    hooks,
    start: (_effects, { incarnation }) => {
      hooks.push(`start ${incarnation}`);
      return [];
    },
    handle: (state, message) => {
      if (message === 'boom') throw new Error('boom');
      seen.push(message);
      state.push(message);
      return state;
    },
    stop: (_state, reason) => {
      hooks.push(`stop ${reason}`);
    },
    ...more,
  };
}

/** `id:status#incarnation` of everything below the root, depth first. */
export function statuses(snapshot: Snapshot | undefined): string {
  if (snapshot === undefined) return 'nobody';
  return snapshot.children
    .flatMap((child) => [`${child.id}:${child.status}#${child.incarnation}`, statuses(child)])
    .filter((line) => line !== '')
    .join(' ');
}

export function eventLines(events: readonly LifecycleEvent[]): string[] {
  return events.map((event) => `${event.type} ${event.id}#${event.incarnation}`);
}

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<Value>(): Deferred<Value> {
  return Promise.withResolvers<Value>();
}
