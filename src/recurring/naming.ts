import { FirelaterError, preview } from "../base/error.ts";

/** Says in the error of one definition of many which one it is: in its message, and in the stack, which repeats that. */
export async function naming<T>(id: string, define: () => Promise<T>): Promise<T> {
  try {
    return await define();
  } catch (error) {
    // Ours is made for this one call; another one's may be thrown by others as well.
    if (error instanceof FirelaterError) prefix(error, `In the definition of ${preview(id)}: `);
    throw error;
  }
}

function prefix(error: Error, text: string): void {
  const { message, stack } = error;
  error.message = `${text}${message}`;
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
}
