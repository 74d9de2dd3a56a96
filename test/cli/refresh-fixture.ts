import { ENTRY } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import type { Line, Reply } from '../registry/scripted-server.ts';

const INDEX = '{"manifests":[{"platform":{"os":"linux","architecture":"amd64"}}]}';

/** The digest that tags of the registry name. */
export const NEW = digestOf(new TextEncoder().encode(INDEX));

export const FOUND: Reply = {
  status: 200,
  headers: { 'content-length': String(INDEX.length), 'docker-content-digest': NEW },
  body: INDEX,
};

/** A registry that has every base but those called `gone`. */
export const upstream: Line = ({ url }) => (url.includes('/gone/') ? { status: 404 } : FOUND);

/** An image whose base the registry does not have. */
export const GONE = ENTRY.replace('library/debian', 'gone/debian').replace("'12'", "'13'");

export function refresh(root: string, ...args: string[]) {
  return printedBy(root, 'refresh', ...args);
}
