import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import house from './eslint/rooms.js';
import svelteConfig from './svelte.config.js';

const COMPONENT_LINES = 250;
const PAGE_LINES = 80;

const lines = (/** @type {number} */ max) => ['error', { max, skipBlankLines: false }];

export default ts.config(
  { ignores: ['.svelte-kit/', 'node_modules/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    plugins: { house },
    rules: {
      'house/rooms': 'error',
      'max-lines': lines(COMPONENT_LINES),
      'max-lines-per-function': ['error', { max: 60 }],
      complexity: ['error', 10],
      'no-undef': 'off', // the type checker knows better
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
    rules: {
      'svelte/no-at-html-tags': 'error', // what people and agents send is text, never markup
      'svelte/no-navigation-without-resolve': 'error', // plain paths break behind a prefix
      'max-lines-per-function': 'off', // a component's script is one function to the parser
    },
  },
  // Sets and addresses that live for one function are no state.
  { files: ['**/*.svelte.ts'], rules: { 'svelte/prefer-svelte-reactivity': 'off' } },
  { files: ['src/routes/**/*.svelte'], rules: { 'max-lines': lines(PAGE_LINES) } },
  { files: ['**/*.test.ts', '**/*.test.js'], rules: { 'max-lines-per-function': 'off' } },
);
