// The control API as the pages call it: the token of the link, and problems as errors that explain themselves.
const tokenKey = 'bot4-token';

export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly field?: string;
  readonly refusal?: {
    readonly code: string;
    readonly rule: string;
    readonly inputs: readonly { readonly name: string; readonly value: string }[];
    readonly threshold: string;
    readonly value: string;
  };
}

export class ApiProblem extends Error {
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail);
    this.body = body;
  }
}

/** The token comes in the address's fragment, which no server sees; it is kept for this tab and taken out of the address. */
export function takeToken(): void {
  const given = /[#&]token=([^&]+)/.exec(location.hash)?.[1];
  if (given === undefined) return;
  sessionStorage.setItem(tokenKey, decodeURIComponent(given));
  history.replaceState(null, '', location.pathname + location.search);
}

export const tokenOf = (): string => sessionStorage.getItem(tokenKey) ?? '';
export const authorization = (): Record<string, string> => ({ authorization: `Bearer ${tokenOf()}` });

export const get = <Answer>(path: string): Promise<Answer> => ask<Answer>('GET', path);

export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: { ...authorization(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiProblem({ title: 'No answer', status: 0, detail: 'the program does not answer', code: 'NO_ANSWER' });
  }
  const value: unknown = await answer.json().catch(() => null);
  if (answer.ok) return value as Answer;
  throw new ApiProblem(
    (value as ProblemBody | null) ?? {
      title: 'Error',
      status: answer.status,
      detail: answer.statusText,
      code: 'UNKNOWN',
    },
  );
}
