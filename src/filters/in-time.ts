/** A filter that has not answered by then never will: the job it was asked about must not hang. */
export const LONGEST_ANSWER_MS = 30_000;

/** The answer, or an error that says whose it was to be: no timer is left behind. */
export async function inTime<T>(answer: Promise<T>, whose = "it"): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${whose} has not answered within ${LONGEST_ANSWER_MS / 1_000} seconds`)),
    LONGEST_ANSWER_MS,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
