// nact, behind one door: every incarnation is a nact actor, and the only nact message is a token that asks for a drain.
// It promises one drain per ring; it never uses nact's mailbox for messages, nor its reset, resume, escalate or cascade.
import { dispatch, type Ref as NactRef, spawn, start, stop } from 'nact';

/** The nact actor of one incarnation. */
export interface HostActor {
  readonly nactRef: NactRef<typeof DRAIN>;
  open: boolean;
}

/** What a wake-up is for. */
export interface Work {
  drain(): void;
  /** The drain itself threw: a bug of the layer, for nact has no say in what happens to an actor. */
  faulted(error: unknown): void;
}

const DRAIN = 'DRAIN';
const NAME_CHARACTERS_MAX = 64;

export class NactHost {
  // Without a name of ours nact makes a random one: two systems of one name would share their references.
  readonly #system = start();
  readonly #work: Work;
  #serial = 0;
  /** Rings when no actor of its own is open, so that a wake never depends on the actor that may be stopping. */
  #doorbell: HostActor;
  #rung: HostActor | undefined;
  #closed = false;

  constructor(work: Work) {
    this.#work = work;
    this.#doorbell = this.open('doorbell', undefined);
  }

  open(id: string, parent: HostActor | undefined): HostActor {
    // The serial makes every incarnation a path of its own, so that nact can never mistake one for another.
    this.#serial += 1;
    const name = `${id.replace(/[^a-z0-9-]/gi, '_').slice(0, NAME_CHARACTERS_MAX)}-${this.#serial}`;
    const nactParent = parent?.open === true ? parent.nactRef : this.#system;
    const onToken = (state: number | undefined, _token: typeof DRAIN): number => {
      this.#rung = undefined;
      if (!this.#closed) this.#work.drain();
      return state ?? 0;
    };
    const actor: HostActor = {
      open: true,
      nactRef: spawn(nactParent, onToken, name, {
        onCrash: (_message, error, context) => {
          actor.open = false;
          this.#work.faulted(error);
          return context.stop;
        },
      }),
    };
    return actor;
  }

  /** Stops one nact actor. Its children are the caller's to close first: nact would leave them running. */
  close(actor: HostActor): void {
    actor.open = false;
    stop(actor.nactRef);
    if (this.#rung !== actor) return;
    // nact loses the token that it had scheduled for a stopped actor.
    this.#rung = undefined;
    this.ring(undefined);
  }

  /** Asks for one drain, soon, from the event loop; further rings until it begins are the same one. */
  ring(actor: HostActor | undefined): void {
    if (this.#rung !== undefined || this.#closed) return;
    this.#rung = actor?.open === true ? actor : this.#openDoorbell();
    dispatch(this.#rung.nactRef, DRAIN);
  }

  shutDown(): void {
    this.#closed = true;
    this.close(this.#doorbell);
    stop(this.#system);
  }

  #openDoorbell(): HostActor {
    if (!this.#doorbell.open) this.#doorbell = this.open('doorbell', undefined);
    return this.#doorbell;
  }
}
