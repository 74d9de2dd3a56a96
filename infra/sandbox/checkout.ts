import { join } from 'node:path';

/** The checkout that this file belongs to, as an absolute path. */
export const CHECKOUT = join(import.meta.dirname, '../..');
