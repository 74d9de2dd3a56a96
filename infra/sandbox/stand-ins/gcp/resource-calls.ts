import type { Properties } from '../../../oci/protocol/resource-type.ts';
import type { Service } from './endpoints.ts';
import { hasCode } from './google-error.ts';
import type { Work } from './kind.ts';
import type { Question } from './question.ts';
import { unlessGone } from './unless-gone.ts';

/** How Google calls resources of one type. */
export interface Naming {
  readonly service: Service;
  /** For messages: `job`. */
  readonly noun: string;
  /** What permissions begin with: `cloudscheduler.jobs`. */
  readonly permissions: string;
  /** Google's own role that has all of them. */
  readonly role: string;
}

/** The calls that Google has for resources of every type, each by the resource's full name. */
export interface ResourceCalls<Verb extends string> {
  /** A call of the resource itself, which takes the permission that ends in the verb. */
  question(
    id: string,
    verb: Verb | 'create' | 'get' | 'update' | 'delete',
    call: Pick<Question, 'method'> & Partial<Question>,
  ): Question;
  get(id: string, work: Work): Promise<Properties>;
  /** `undefined` where there is none. */
  find(id: string, work: Work): Promise<Properties | undefined>;
  /**
   * The call that makes the resource, and its answer: none where an earlier try that seemed to fail
   * had made it.
   */
  make(id: string, call: Pick<Question, 'body' | 'query'>, work: Work): Promise<Made>;
  /** One that is gone already is well. */
  remove(id: string, work: Work): Promise<void>;
}

export interface Made {
  readonly question: Question;
  readonly answer: Properties | undefined;
}

/** @typeParam Verb what can be done with the resources besides */
export function resourceCalls<Verb extends string = never>(naming: Naming): ResourceCalls<Verb> {
  const { service, noun, permissions, role } = naming;
  const calls: ResourceCalls<Verb> = {
    question: (id, verb, call) => ({
      service,
      path: id,
      asked: `${verb === 'get' ? 'read' : verb} the ${noun} ${id}`,
      permission: `${permissions}.${verb} (${role} has it)`,
      ...call,
    }),
    get: (id, { ask }) => ask(calls.question(id, 'get', { method: 'GET' })),
    find: (id, work) => unlessGone(calls.get(id, work)),
    async make(id, call, { ask }) {
      const path = id.slice(0, id.lastIndexOf('/'));
      const question = calls.question(id, 'create', { method: 'POST', path, ...call });
      try {
        return { question, answer: await ask(question) };
      } catch (error) {
        if (!hasCode(error, 409) || error.tries === 1) throw error;
        return { question, answer: undefined };
      }
    },
    async remove(id, { ask }) {
      await unlessGone(ask(calls.question(id, 'delete', { method: 'DELETE' })));
    },
  };
  return calls;
}

/** What was made or changed a moment ago, read back. */
export function stillThere(id: string, state: Properties | undefined): Properties {
  if (state !== undefined) return state;
  throw new Error(`${id} was there and is gone again; run this again`);
}
