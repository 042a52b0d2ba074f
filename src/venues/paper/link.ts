// The seam between a paper venue and its client: what the wire does to commands, reports and queries. `calmLink` does nothing to them;
// the faulty one is in faulty-link.ts. A link never touches what the venue has done.
import type { VenueCommand } from '#domain/inputs.ts';
import type { VenueReport } from '#ports/venue.ts';

export interface Link {
  /** Extra delay of a command on its way to the venue; null: it never arrives. */
  commandDelayMs(command: VenueCommand): number | null;
  /**
   * Extra delay of each copy of a report, empty when it is lost. A late acknowledgement is overtaken by others; fills keep their order,
   * and a lost fill takes the session with it, since a stream does not lose single messages.
   */
  reportDelaysMs(report: VenueReport): readonly number[];
  /** As for commands; a lost query fails after the client's patience. */
  queryDelayMs(): number | null;
  /** Why no session can be opened now; null while it can. */
  refusal(): string | null;
  /** Called once by the venue; `cut` ends the session from outside. */
  attach(cut: (reason: string) => void): void;
}

const oneCopy: readonly number[] = [0];

export const calmLink: Link = {
  commandDelayMs: () => 0,
  reportDelaysMs: () => oneCopy,
  queryDelayMs: () => 0,
  refusal: () => null,
  attach: () => {},
};
