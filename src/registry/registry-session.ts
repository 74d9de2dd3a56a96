import type { Registry } from '../image-reference.ts';
import { answerChallenge, type Visitor } from './authorization.ts';
import type { Credentials } from './credentials.ts';
import { exchange, realSleep, type Answer, type Question, type Wire } from './exchange.ts';
import { refusal } from './refusal.ts';
import type { RegistryError } from './registry-error.ts';
import { registryOrigin } from './registry-origin.ts';

/** Authorization headers by scope. Clients of one registry and one account may share it. */
export type AuthorizationCache = Map<string, Promise<string | undefined>>;

export interface SessionOptions {
  readonly registry: Registry;
  /** Without, the registry is asked as anybody. */
  readonly credentials: Credentials | undefined;
  readonly authorizations?: AuthorizationCache;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal;
  /** Milliseconds that one try may take, 30 000 if absent. */
  readonly timeout?: number;
  readonly fetch?: Wire['fetch'];
  readonly sleep?: Wire['sleep'];
}

/** A question to the registry; `scope` is what the token for it must allow. */
export type Request = Omit<Question, 'headers' | 'redirect'> & {
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Asks one registry, and says who is asking when the registry wants to know. */
export interface RegistrySession {
  readonly origin: URL;
  /** Any answer but a 401, which is thrown. */
  send(request: Request): Promise<Answer>;
  /** The error for an answer that is a no. */
  refused(request: Pick<Request, 'asked'>, answer: Answer): RegistryError;
}

type Cached = Promise<string | undefined> | undefined;

export function registrySession(options: SessionOptions): RegistrySession {
  const visitor = visitorOf(options);
  const { authorizations = new Map() as AuthorizationCache } = options;

  /** A new header for `scope`; only one is fetched for all who hold the same outdated one. */
  async function authorize(scope: string, outdated: Cached, answer: Answer) {
    const current = authorizations.get(scope);
    if (current !== undefined && current !== outdated) return current;
    const header = answer.headers.get('www-authenticate') ?? '';
    const fresh = answerChallenge(header, scope, visitor);
    authorizations.set(scope, fresh);
    try {
      return await fresh;
    } catch (error) {
      if (authorizations.get(scope) === fresh) authorizations.delete(scope);
      throw error;
    }
  }

  function ask(request: Request, authorization: string | undefined): Promise<Answer> {
    if (authorization !== undefined) visitor.secrets.add(authorization.replace(/^\w+ /, ''));
    return exchange(questionOf(request, authorization), visitor.wire);
  }

  const refused: RegistrySession['refused'] = ({ asked }, answer) =>
    refusal(asked, answer, visitor.secrets);

  return {
    origin: visitor.origin,
    refused,
    async send(request) {
      const cached = authorizations.get(request.scope);
      const answer = await ask(request, await cached);
      if (answer.status !== 401) return answer;
      const authorization = await authorize(request.scope, cached, answer);
      if (authorization === undefined) throw refused(request, answer);
      const second = await ask(request, authorization);
      if (second.status === 401) throw refused(request, second);
      return second;
    },
  };
}

function visitorOf({
  registry,
  credentials,
  signal,
  timeout,
  ...options
}: SessionOptions): Visitor {
  return {
    origin: registryOrigin(registry),
    credentials,
    secrets: new Set(credentials === undefined ? [] : secretsOf(credentials)),
    wire: {
      fetch: options.fetch ?? globalThis.fetch,
      sleep: options.sleep ?? realSleep(signal),
      signal,
      timeout: timeout ?? 30_000,
      now: Date.now,
      random: Math.random,
    },
  };
}

function secretsOf(credentials: Credentials): string[] {
  const secret = 'identityToken' in credentials ? credentials.identityToken : credentials.password;
  // An empty string is in every text, and striking it out would garble all of it.
  return secret === '' ? [] : [secret];
}

function questionOf(request: Request, authorization: string | undefined): Question {
  return {
    ...request,
    headers: {
      // Sizes and digests are those of the bytes as they were pushed.
      'accept-encoding': 'identity',
      ...request.headers,
      ...(authorization !== undefined && { authorization }),
    },
  };
}
