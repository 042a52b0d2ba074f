// Checks a specification where it enters, and fills in the defaults. A wrong one is refused with the field, the value
// and the limit; it lacks any check that needs the running tree (an id in use is refused by the tree).
import type { ActorSpec, BackoffSpec, ChildSpec, Intensity, Overflow, RestartPolicy, SupervisorSpec } from './actor.ts';

/** The longest delay a timer takes: above it Node fires at once. */
export const TIMER_DELAY_MS_MAX = 2_147_483_647;
/** Ids with this prefix belong to the layer. */
export const ASK_ID_PREFIX = 'ask:';
const SLOTS_MAX = 1_048_576;
const ID_CHARACTERS_MAX = 128;
const RESTARTS_MAX = 1_000;
const POSTERS_MAX = 65_536;
const POSTERS_DEFAULT = 1_024;

const BACKOFF_DEFAULT: BackoffSpec = { minMs: 100, maxMs: 30_000, stableMs: 60_000 };
const INTENSITY_DEFAULT: Intensity = { restartsMax: 5, withinMs: 30_000 };

/** A specification, bound or argument out of its limits. The message names all three. */
export class SpecError extends RangeError {
  override readonly name = 'SpecError';
  readonly field: string;
  readonly value: unknown;
  readonly limit: string;

  constructor(field: string, value: unknown, limit: string) {
    super(`${field} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; must be ${limit}`);
    this.field = field;
    this.value = value;
    this.limit = limit;
  }
}

/** An actor's specification with nothing left open. */
export interface ActorSettings {
  readonly spec: ActorSpec<unknown, unknown, unknown>;
  readonly kind: string;
  readonly restart: RestartPolicy;
  readonly backoff: BackoffSpec;
  readonly controlSlotsMax: number;
  readonly dataSlotsMax: number;
  readonly overflow: Overflow<unknown>;
  readonly postersMax: number;
  readonly handlerTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
}

export function isSupervisorSpec(spec: ChildSpec): spec is SupervisorSpec {
  return 'children' in spec;
}

/** Throws SpecError. */
export function actorSettings(spec: ActorSpec<unknown, unknown, unknown>): ActorSettings {
  const at = checkId(spec.id);
  checkFunction(`${at}.start`, spec.start);
  checkFunction(`${at}.handle`, spec.handle);
  if (spec.stop !== undefined) checkFunction(`${at}.stop`, spec.stop);
  const overflow = spec.inbox?.overflow ?? { kind: 'reject' };
  return {
    spec,
    kind: spec.kind ?? 'actor',
    restart: checkRestart(`${at}.restart`, spec.restart),
    backoff: checkBackoff(`${at}.backoff`, spec.backoff),
    controlSlotsMax: checkInteger(`${at}.inbox.controlSlotsMax`, spec.inbox?.controlSlotsMax ?? 256, 1, SLOTS_MAX),
    dataSlotsMax: checkInteger(`${at}.inbox.dataSlotsMax`, spec.inbox?.dataSlotsMax ?? 1_024, 1, SLOTS_MAX),
    overflow,
    postersMax: checkOverflow(`${at}.inbox.overflow`, overflow),
    handlerTimeoutMs: checkDelay(`${at}.handlerTimeoutMs`, spec.handlerTimeoutMs ?? 30_000),
    startTimeoutMs: checkDelay(`${at}.startTimeoutMs`, spec.startTimeoutMs ?? 60_000),
    shutdownTimeoutMs: checkDelay(`${at}.shutdownTimeoutMs`, spec.shutdownTimeoutMs ?? 5_000),
  };
}

/** A supervisor's own fields with nothing left open; its children are checked one by one. */
export interface SupervisorSettings {
  readonly spec: SupervisorSpec;
  readonly kind: string;
  readonly restart: RestartPolicy;
  readonly backoff: BackoffSpec;
  readonly intensity: Intensity;
}

/** Throws SpecError. */
export function supervisorSettings(spec: SupervisorSpec): SupervisorSettings {
  const at = checkId(spec.id);
  const intensity = spec.intensity ?? INTENSITY_DEFAULT;
  checkInteger(`${at}.intensity.restartsMax`, intensity.restartsMax, 0, RESTARTS_MAX);
  checkDelay(`${at}.intensity.withinMs`, intensity.withinMs);
  checkOneOf(`${at}.strategy`, spec.strategy, ['one_for_one', 'rest_for_one', 'one_for_all']);
  return {
    spec,
    kind: spec.kind ?? 'supervisor',
    restart: checkRestart(`${at}.restart`, spec.restart),
    backoff: checkBackoff(`${at}.backoff`, spec.backoff),
    intensity,
  };
}

/** Returns the value. Throws SpecError. */
export function checkInteger(field: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new SpecError(field, value, `an integer from ${min} to ${max}`);
  }
  return value;
}

/** Milliseconds from `min` (default 1), fractions allowed, that a timer can take. Throws SpecError. */
export function checkDelay(field: string, delayMs: number, min = 1): number {
  if (!(delayMs >= min && delayMs <= TIMER_DELAY_MS_MAX)) {
    throw new SpecError(field, delayMs, `a number of milliseconds from ${min} to ${TIMER_DELAY_MS_MAX}`);
  }
  return delayMs;
}

function checkId(id: string): string {
  if (typeof id !== 'string' || id === '' || id.length > ID_CHARACTERS_MAX || id.startsWith(ASK_ID_PREFIX)) {
    throw new SpecError(
      'id',
      id,
      `a text of 1 to ${ID_CHARACTERS_MAX} characters that does not begin with ${ASK_ID_PREFIX}`,
    );
  }
  return id;
}

function checkBackoff(field: string, backoff: BackoffSpec = BACKOFF_DEFAULT): BackoffSpec {
  checkDelay(`${field}.maxMs`, backoff.maxMs);
  if (!(backoff.minMs >= 1 && backoff.minMs <= backoff.maxMs)) {
    throw new SpecError(`${field}.minMs`, backoff.minMs, `a number of milliseconds from 1 to maxMs ${backoff.maxMs}`);
  }
  checkDelay(`${field}.stableMs`, backoff.stableMs);
  return backoff;
}

function checkRestart(field: string, restart: RestartPolicy = 'permanent'): RestartPolicy {
  checkOneOf(field, restart, ['permanent', 'transient', 'temporary']);
  return restart;
}

/** Returns the number of posters that may wait: 0 unless the policy is `block`. */
function checkOverflow(field: string, overflow: Overflow<unknown>): number {
  checkOneOf(`${field}.kind`, overflow.kind, ['reject', 'conflate', 'dropOldest', 'dropNewest', 'block']);
  if (overflow.kind === 'conflate') checkFunction(`${field}.key`, overflow.key);
  if (overflow.kind !== 'block') return 0;
  checkDelay(`${field}.timeoutMs`, overflow.timeoutMs);
  return checkInteger(`${field}.postersMax`, overflow.postersMax ?? POSTERS_DEFAULT, 1, POSTERS_MAX);
}

function checkFunction(field: string, value: unknown): void {
  if (typeof value !== 'function') throw new SpecError(field, typeof value, 'a function');
}

function checkOneOf(field: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw new SpecError(field, value, `one of ${allowed.join(', ')}`);
}
