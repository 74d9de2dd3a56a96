import type { YAMLError } from 'yaml';

/** What is wrong with a text as YAML, and what to do about it. */
export interface SyntaxFlaw {
  readonly problem: string;
  readonly remedy: string;
}

export const TOO_DEEP: SyntaxFlaw = {
  problem: 'lists and mappings are nested too deeply here',
  remedy: 'close the brackets, or write it with fewer levels',
};

/** Says what the YAML parser found, where its own words are meant for programmers. */
export function explainSyntaxError({ code, message }: YAMLError): SyntaxFlaw {
  switch (code) {
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP;
    case 'MULTIPLE_DOCS':
      return {
        problem: 'a second document starts here',
        remedy: 'delete the line ---, or move what follows it to a file of its own',
      };
    default:
      return {
        problem: message.replaceAll(/\s+/g, ' '),
        remedy: 'write one plain YAML 1.2 document',
      };
  }
}
