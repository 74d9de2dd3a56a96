import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const DEPENDENCY_RULE = [
  { group: ['@pulumi/*'], message: 'Only infra/ may import Pulumi.' },
  { group: ['**/infra/**'], message: 'src/ never imports infra/.' },
];

/** The only folders of src/ that may see a clock, the environment, files or the network. */
const OUTSIDE_WORLD = [
  'http',
  'registry',
  'google',
  'git',
  'disk',
  'merge-request',
  'refresh/lookup',
  'verify',
  'cli',
];

// The rules that need types are in .oxlintrc.json: oxlint checks them ten times as fast.
export default tseslint.config(
  { ignores: ['node_modules/', '.sandbox/'] },
  eslint.configs.recommended,
  tseslint.configs.strict,
  tseslint.configs.stylistic,
  {
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: DEPENDENCY_RULE }] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: OUTSIDE_WORLD.map((folder) => `src/${folder}/**`),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...DEPENDENCY_RULE,
            {
              group: [
                'node:*',
                '!node:crypto',
                '!node:path',
                // By the last name: from inside src/refresh it is './lookup/'.
                ...OUTSIDE_WORLD.map((folder) => `**/${folder.split('/').at(-1)}/**`),
              ],
              message: 'Domain code takes file contents and answers as arguments.',
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Domain code sees no clock.',
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Domain code sees no environment.' },
        { name: 'fetch', message: 'Domain code sees no network.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Domain code sees no clock.' },
      ],
    },
  },
  {
    files: ['*.config.{js,ts}', 'infra/index.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
);
