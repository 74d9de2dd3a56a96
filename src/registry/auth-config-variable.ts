import { z } from 'zod';
import type { Environment } from '../environment.ts';
import { parseJson } from '../json.ts';

/** All that Docker takes of DOCKER_AUTH_CONFIG ("Configure credential stores", docker/cli). */
const Variable = z.strictObject({
  auths: z.record(z.string(), z.strictObject({ auth: z.string().refine(decodeAuth) })).default({}),
});

/** The account for a server, by its exact name. Docker passes over the whole variable where anything in it is wrong. */
export function accountOfVariable(server: string, env: Environment) {
  const auths = Variable.safeParse(parseJson(env['DOCKER_AUTH_CONFIG'] ?? '')).data?.auths;
  return decodeAuth(auths?.[server]?.auth ?? '');
}

/**
 * Why Docker finds no account for a server in DOCKER_AUTH_CONFIG, though it may be meant to be there; `undefined`
 * where the variable is in order. Quotes no value, which may be a password.
 */
export function variableProblem(server: string, env: Environment): string | undefined {
  const text = env['DOCKER_AUTH_CONFIG'] ?? '';
  if (text === '') return undefined;
  const json = parseJson(text);
  if (json === undefined) return 'it is not JSON';
  const { data, error } = Variable.safeParse(json);
  if (data !== undefined) {
    const other = Object.keys(data.auths).find((key) => hostOf(key) === hostOf(server));
    return other === undefined || other === server
      ? undefined
      : `it has ${other} in place of ${server}`;
  }
  // The shortest path first: what has a wrong field may lack the right one.
  const paths = error.issues.map(({ path }) => path).toSorted((a, b) => a.length - b.length);
  const [, key, field] = paths[0] ?? [];
  if (key === undefined) return 'it must have auths, and nothing else';
  if (field === undefined) return `${String(key)} must have auth, and nothing else`;
  return `the auth of ${String(key)} is not user:password in base64`;
}

/** The host of a server that may be written as an address, such as `https://registry.example/v2/`. */
export function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, '').replace(/\/.*/, '');
}

/** `user:password` in base64, which some programs fill up with zero bytes. */
export function decodeAuth(auth: string): { username: string; password: string } | undefined {
  const text = Buffer.from(auth, 'base64').toString();
  const [, username, password] = /^([^:]+):(.*?)\0*$/s.exec(text) ?? [];
  return username === undefined || password === undefined ? undefined : { username, password };
}
