/** Wrong usage: `main` prints the message without a stack trace, and the exit code is 2. */
export class UsageError extends Error {}
