// The control API as commands call it: JSON answers, problems as errors that say what to do, and the live stream with resumption.
import { setTimeout as wait } from 'node:timers/promises';
import type { Control } from './control-file.ts';

/** The program said no, or did not answer; the message says everything. */
export class ControlFault extends Error {
  override readonly name = 'ControlFault';
}

const answerMsMax = 10_000;
const retryMsMax = 5_000;

export class ControlClient {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.#fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { ...this.#authorization(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(answerMsMax),
    });
    const value: unknown = await answer.json().catch(() => null);
    if (answer.ok) return value as Answer;
    throw this.#faultOf(answer.status, value);
  }

  /** Frames of the stream as they come; after a loss it comes back behind the last record it saw, until `signal`. */
  async *stream(kinds: string, signal: AbortSignal, onState: (text: string) => void): AsyncGenerator<StreamFrame> {
    let lastId = '';
    for (let failures = 0; !signal.aborted; ) {
      try {
        const headers = {
          ...this.#authorization(),
          accept: 'text/event-stream',
          ...(lastId === '' ? {} : { 'last-event-id': lastId }),
        };
        const answer = await fetch(`${this.#control.url}/v1/stream?kinds=${kinds}`, { headers, signal });
        if (answer.status === 401 || answer.status === 403) throw this.#faultOf(answer.status, null);
        if (!answer.ok || answer.body === null) throw new Error(`status ${answer.status}`);
        failures = 0;
        for await (const frame of framesOf(answer.body)) {
          if (frame.id !== '') lastId = frame.id;
          yield frame;
        }
        throw new Error('the stream ended');
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ControlFault) throw error;
        failures += 1;
        const delayMs = Math.min(retryMsMax, 250 * 2 ** failures);
        onState(`the stream is lost (${reasonOf(error)}); trying again in ${delayMs} ms`);
        await wait(delayMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#control.url}${path}`, init);
    } catch (error) {
      throw new ControlFault(`nothing answers at ${this.#control.url} (${reasonOf(error)}); is the program running?`);
    }
  }

  #faultOf(status: number, value: unknown): ControlFault {
    if (status === 401)
      return new ControlFault(`the token is refused by ${this.#control.url}; give the one of its link with --token`);
    const { code = 'UNKNOWN', detail = '' } = (value ?? {}) as { readonly code?: string; readonly detail?: string };
    return new ControlFault(`${status} ${code}: ${detail}`);
  }

  #authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.#control.token}` };
  }
}

export interface StreamFrame {
  readonly id: string;
  readonly kind: string;
  readonly data: unknown;
}

async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamFrame> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const frames = rest.split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1] ?? '';
      const data = field('data');
      if (data !== '') yield { id: field('id'), kind: field('event'), data: JSON.parse(data) };
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : error.message;
}
