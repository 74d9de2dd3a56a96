import { scriptedServer } from '../registry/scripted-server.ts';

/** What a host answers to GET: path → JSON, or the status of a refusal. */
export type Answers = Readonly<Record<string, unknown>>;

/** A code host's API on loopback, for one token; a list comes page by page. Ends with the test. */
export function hostServer(answers: Answers, token = 'tok3n') {
  return scriptedServer(({ url, headers }) => {
    const { pathname, searchParams } = new URL(url, 'http://host');
    if (![headers['private-token'], headers.authorization].join().includes(token)) {
      return { status: 401, body: JSON.stringify({ message: '401 Unauthorized' }) };
    }
    const answer = answers[pathname] ?? 404;
    if (typeof answer === 'number') {
      return { status: answer, body: JSON.stringify({ message: `no ${token}` }) };
    }
    const [page, size] = ['page', 'per_page'].map((name) => Number(searchParams.get(name)));
    const body = Array.isArray(answer)
      ? answer.slice(((page ?? 1) - 1) * (size ?? 0), (page ?? 1) * (size ?? 0))
      : answer;
    return { status: 200, body: JSON.stringify(body) };
  });
}
