import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Domain folders: no clock, environment, file system or network (those are arguments). */
const DOMAIN = ['src/*.ts', 'src/{catalog,settings,tag,plan}/**/*.ts'];

export default tseslint.config(
  { ignores: ['node_modules/', '.sandbox/'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  {
    // The dependency rule: infra may use src, never the other way round, and only infra knows Pulumi.
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@pulumi/*'], message: 'Only infra/ may import Pulumi.' },
            { group: ['**/infra/**'], message: 'src/ never imports infra/.' },
          ],
        },
      ],
    },
  },
  {
    files: DOMAIN,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@pulumi/*'], message: 'Only infra/ may import Pulumi.' },
            { group: ['**/infra/**'], message: 'src/ never imports infra/.' },
            {
              group: [
                'node:*',
                '!node:crypto',
                '!node:path',
                '**/registry/**',
                '**/git/**',
                '**/cli/**',
              ],
              message: 'Domain code takes file contents and answers as arguments.',
            },
          ],
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
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
);
