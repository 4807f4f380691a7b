/** Stands for a mail provider: tests put something else in its place. */
export const provider = {
  async send(to: string, text: string): Promise<string> {
    console.log(`to ${to}: ${text}`);
    return `${to}/${text.length}`;
  },
};

export async function welcome(to: string): Promise<{ messageId: string }> {
  return { messageId: await provider.send(to, "Welcome!") };
}

export async function remind(to: string): Promise<void> {
  await provider.send(to, "You have not confirmed yet.");
}

export async function digest(day: Date): Promise<void> {
  await provider.send("team@example.com", `News of ${day.toISOString().slice(0, 10)}`);
}
