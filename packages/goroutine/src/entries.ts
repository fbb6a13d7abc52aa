/** Marks in the entries of a stack and in the column of first words, shared by who writes and who reads them. */
export const NO_WORDS = 0xffffffff;
/** Entries of a stack that are not frames. */
export const ENTRY_ELIDED = 0x7fffffff;
export const ENTRY_UNAVAILABLE = 0x7ffffffe;
