import type { Properties } from '../../../oci/protocol/resource-type.ts';
import type { Service } from './endpoints.ts';

/** One call of a Google API. */
export interface Question {
  readonly service: Service;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the endpoint, not encoded: `projects/p/locations/l/jobs/j:resume`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Properties;
  /** What is asked for, for messages, such as `create the repository projects/p/...`. */
  readonly asked: string;
  /** The IAM permission that it takes. */
  readonly permission: string;
}

/** Asks Google, again where that may help; throws a `GoogleError`. */
export type Ask = (question: Question) => Promise<Properties>;
