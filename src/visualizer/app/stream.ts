// The live stream over fetch, because EventSource cannot carry a token: parses server-sent events, comes back after the last record it
// saw, and says how it stands.
import { authorization } from './api.ts';

export type StreamState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'lost'; readonly retryAtMs: number };

export interface StreamListener {
  readonly onState: (state: StreamState) => void;
  readonly onEvent: (kind: string, data: unknown) => void;
}

const retryMsMin = 500;
const retryMsMax = 8_000;

export function openStream({ onState, onEvent }: StreamListener): void {
  let lastId = '';
  let failures = 0;
  const connect = async (): Promise<void> => {
    onState({ kind: 'connecting' });
    try {
      const answer = await fetch('/v1/stream', {
        headers: {
          ...authorization(),
          accept: 'text/event-stream',
          ...(lastId === '' ? {} : { 'last-event-id': lastId }),
        },
      });
      if (answer.status === 401 || answer.status === 403) return onState({ kind: 'refused', status: answer.status });
      if (!answer.ok || answer.body === null) throw new Error(String(answer.status));
      onState({ kind: 'open' });
      failures = 0;
      await read(answer.body, (id, kind, data) => {
        if (id !== '') lastId = id;
        onEvent(kind, data);
      });
    } catch {
      // Told below, with when it is tried again.
    }
    failures += 1;
    const delayMs = Math.min(retryMsMax, retryMsMin * 2 ** (failures - 1));
    onState({ kind: 'lost', retryAtMs: Date.now() + delayMs });
    setTimeout(() => void connect(), delayMs);
  };
  void connect();
}

async function read(
  body: ReadableStream<Uint8Array>,
  take: (id: string, kind: string, data: unknown) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader() as ReadableStreamDefaultReader<string>;
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    const frames = rest.split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      let id = '';
      let kind = 'message';
      let data = '';
      for (const line of frame.split('\n')) {
        if (line.startsWith('id: ')) id = line.slice(4);
        else if (line.startsWith('event: ')) kind = line.slice(7);
        else if (line.startsWith('data: ')) data += line.slice(6);
      }
      if (data !== '') take(id, kind, JSON.parse(data));
    }
  }
}
