import {
  isList,
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { omit, pick, textOf } from './property-text.ts';
import { sameValue } from './same-value.ts';

const DEFAULT_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** Headers that the program must not set, and that Google adds. */
const GOOGLES_OWN = /^(?:X-Google-|X-AppEngine-|Content-Length)/i;

/** Other headers that Google adds where the program sets none. */
const ADDED: Readonly<Record<string, string>> = {
  'User-Agent': 'Google-Cloud-Scheduler',
  'Content-Type': 'application/octet-stream',
};

/** Whether an HTTP target means what is wanted: Google writes out defaults, and adds headers. */
export function sameTarget(was: PropertyValue | undefined, wanted: PropertyValue | undefined) {
  return sameValue(canonicalTarget(was), canonicalTarget(wanted));
}

/** An HTTP target as Google has it, without the headers that it adds. */
export function readTarget(target: PropertyValue | undefined): Properties | undefined {
  if (!isObject(target)) return undefined;
  const headers = ownHeaders(target['headers']);
  return { ...omit(target, 'headers'), ...(Object.keys(headers).length > 0 && { headers }) };
}

/** Why Google would refuse an HTTP target, where the official plug-in says so before Google is asked. */
export function targetProblem(target: PropertyValue): string | undefined {
  if (!isObject(target)) return undefined;
  const { uri, headers = {}, body, oauthToken, oidcToken } = target;
  if (uri === undefined || uri === '') return 'has no uri';
  if (oauthToken && oidcToken) return 'has an oauthToken and an oidcToken: keep one';
  const names = isObject(headers) ? Object.keys(headers) : [];
  const header = names.find((name) => GOOGLES_OWN.test(name));
  if (header !== undefined) return `has the header ${header}, which is for Google to set`;
  const isBase64 = typeof body !== 'string' || /^[A-Za-z0-9+/]*={0,2}$/.test(body);
  return isBase64 ? undefined : 'has a body that is not in base64';
}

/**
 * Whether retries are as wanted: what the program leaves out is for Google to choose, which writes
 * it out; and Google leaves out a 0.
 */
export function sameRetries(was: PropertyValue | undefined, wanted: PropertyValue | undefined) {
  if (!isObject(wanted)) return true;
  const there = isObject(was) ? pick(was, Object.keys(wanted)) : {};
  return sameValue(withoutZeros(there), withoutZeros(wanted));
}

function withoutZeros(retries: Properties): Properties {
  return Object.fromEntries(Object.entries(retries).filter(([, value]) => value !== 0));
}

function canonicalTarget(target: PropertyValue | undefined): PropertyValue | undefined {
  if (!isObject(target) || isList(target)) return target;
  const { oauthToken, oidcToken } = target;
  const uri = textOf(target, 'uri');
  return {
    ...target,
    uri: uri === '' ? (target['uri'] ?? '') : uri.replace(/\/$/, ''),
    headers: ownHeaders(target['headers']),
    ...(isObject(oauthToken) && {
      oauthToken: { ...oauthToken, scope: oauthToken['scope'] ?? DEFAULT_SCOPE },
    }),
    ...(isObject(oidcToken) && {
      oidcToken: { ...oidcToken, audience: oidcToken['audience'] ?? uri },
    }),
  };
}

function ownHeaders(headers: PropertyValue | undefined): Properties {
  const entries = Object.entries(isObject(headers) ? headers : {});
  return Object.fromEntries(
    entries.filter(([name, value]) => !GOOGLES_OWN.test(name) && ADDED[name] !== value),
  );
}
