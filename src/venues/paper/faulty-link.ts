// A link that loses, delays, repeats and cuts: by seeded chance, by a script, or by hand; switchable at any time. One seed and the same
// traffic give the same faults. It corrupts no content.
import type { VenueCommand } from '#domain/inputs.ts';
import type { VenueReport } from '#ports/venue.ts';
import { seededUniform, type Uniform } from '#venues/random.ts';
import type { Link } from './link.ts';

/** Chances are from 0 to 1, of each message on its own. */
export interface FaultProfile {
  readonly commandLost: number;
  /** An acceptance, cancel or amend answer that was given and never arrives. */
  readonly answerLost: number;
  readonly reportLate: number;
  /** A late report is up to this much later. */
  readonly lateMsMax: number;
  readonly reportRepeated: number;
  readonly queryLost: number;
  /** The session breaks as a report is sent; the report goes with it. */
  readonly sessionCut: number;
}

export const calmProfile: FaultProfile = {
  commandLost: 0,
  answerLost: 0,
  reportLate: 0,
  lateMsMax: 0,
  reportRepeated: 0,
  queryLost: 0,
  sessionCut: 0,
};

/** What happens to the n-th message of a kind, counted from 1 over the link's life. */
export interface ScriptedFault {
  readonly message: VenueReport['type'] | VenueCommand | 'query';
  readonly nth: number;
  /** `cut` breaks the session as the message is sent, and only a report can be repeated. */
  readonly fault: 'lose' | 'repeat' | 'cut' | { readonly lateMs: number };
}

const chances = ['commandLost', 'answerLost', 'reportLate', 'reportRepeated', 'queryLost', 'sessionCut'] as const;
const lateMsLimit = 600_000;

export class FaultyLink implements Link {
  private readonly uniform: Uniform;
  private readonly script: Map<string, ScriptedFault['fault']>;
  private readonly counts = new Map<string, number>();
  private profile: FaultProfile = calmProfile;
  private outage: string | null = null;
  private cutSession: ((reason: string) => void) | null = null;

  /** Fails: RangeError that names the figure of the profile or script. */
  constructor(options: { seed: number; profile?: Partial<FaultProfile>; script?: readonly ScriptedFault[] }) {
    this.uniform = seededUniform(options.seed, 'link');
    this.script = new Map((options.script ?? []).map(({ message, nth, fault }) => [`${message} ${nth}`, fault]));
    for (const { fault } of options.script ?? []) if (typeof fault === 'object') checkMs('lateMs', fault.lateMs);
    this.set(options.profile ?? {});
  }

  /** Replaces the chances; what is left out is calm. */
  set(profile: Partial<FaultProfile>): void {
    const next = { ...calmProfile, ...profile };
    for (const name of chances) {
      if (!(next[name] >= 0 && next[name] <= 1)) throw new RangeError(`${name} is ${next[name]}: must be from 0 to 1`);
    }
    checkMs('lateMsMax', next.lateMsMax);
    this.profile = next;
  }

  /** Breaks the session now. */
  cut(reason: string): void {
    this.cutSession?.(reason);
  }

  /** No session from now on, and no new one until `null`. */
  setOutage(reason: string | null): void {
    this.outage = reason;
    if (reason !== null) this.cut(reason);
  }

  attach(cut: (reason: string) => void): void {
    this.cutSession = cut;
  }

  refusal(): string | null {
    return this.outage;
  }

  commandDelayMs(command: VenueCommand): number | null {
    return this.delayOf(command, this.profile.commandLost);
  }

  queryDelayMs(): number | null {
    return this.delayOf('query', this.profile.queryLost);
  }

  reportDelaysMs(report: VenueReport): readonly number[] {
    const { answerLost, reportLate, reportRepeated, sessionCut, lateMsMax } = this.profile;
    const scripted = this.scripted(report.type);
    const isAnswer = report.type !== 'ReportFill';
    if (scripted === 'cut' || this.happens(sessionCut)) {
      this.cut('connection reset');
      return [];
    }
    if (scripted === 'lose' || (isAnswer && this.happens(answerLost))) return [];
    const lateMs = this.happens(reportLate) ? this.uniform() * lateMsMax : 0;
    const delayMs = typeof scripted === 'object' ? scripted.lateMs : lateMs;
    return scripted === 'repeat' || this.happens(reportRepeated) ? [delayMs, delayMs] : [delayMs];
  }

  private delayOf(message: VenueCommand | 'query', lost: number): number | null {
    const scripted = this.scripted(message);
    if (scripted === 'cut') this.cut('connection reset');
    if (scripted === 'cut' || scripted === 'lose' || this.happens(lost)) return null;
    return typeof scripted === 'object' ? scripted.lateMs : 0;
  }

  private scripted(message: string): ScriptedFault['fault'] | undefined {
    const nth = (this.counts.get(message) ?? 0) + 1;
    this.counts.set(message, nth);
    return this.script.get(`${message} ${nth}`);
  }

  private happens(chance: number): boolean {
    return chance > 0 && this.uniform() < chance;
  }
}

function checkMs(field: string, value: number): void {
  if (value >= 0 && value <= lateMsLimit) return;
  throw new RangeError(`${field} is ${value}: must be from 0 to ${lateMsLimit}`);
}
