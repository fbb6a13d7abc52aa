/** The version of the package, written in by the build; `dev` when run from sources. */
declare const __TIDEMARK_VERSION__: string | undefined;
export const VERSION: string = typeof __TIDEMARK_VERSION__ === 'string' ? __TIDEMARK_VERSION__ : 'dev';
