import { describe, expect, it } from "vitest";
import { parseCron } from "./parse-cron.ts";

/** The error that a text is refused with. */
function refusal(text: unknown): Error & { code?: unknown } {
  try {
    parseCron(text);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error(`${text} is not refused`);
}

describe("an error names the field, the part, the reason and what fits", () => {
  it.each<[string, string, string]>([
    ["60 * * * *", 'The minute "60" lies outside 0 to 59', "Write the minute as 0, 0,30"],
    ["-1 * * * *", 'The minute "-1" is no value, range or step', "10-20"],
    ["5- * * * *", 'The minute "5-" is no value', ""],
    ["*-5 * * * *", 'The minute "*-5" is no value', ""],
    ["1/ * * * *", 'The minute "1/" is no value', ""],
    ["/5 * * * *", 'The minute "/5" is no value', ""],
    ["1/2/3 * * * *", 'The minute "1/2/3" is no value', ""],
    [", * * * *", 'The minute "," has a comma with nothing on one side', ""],
    ["5,,6 * * * *", 'The minute "5,,6" has a comma', ""],
    ["1/0 * * * *", 'The minute "1/0" has the step 0, which would never move on', "*/5"],
    ["*/90 * * * *", 'The minute "*/90" has the step 90, which is never taken', "0 to 59"],
    ["1/K * * * *", 'The minute "1/K" has the step "K", which is no number', ""],
    ["1K * * * *", 'The minute "1K" is no number', ""],
    ["L * * * *", 'The minute "L" is no number', ""],
    ["? * * * *", 'The minute "?" holds "?", which only fits as the day of month or the day of week', ""],
    ["99 * * * * *", 'The second "99" lies outside 0 to 59', "Write the second as"],
    ["* 24 * * *", 'The hour "24" lies outside 0 to 23', "Write the hour as 9"],
    ["* */24 * * *", 'The hour "*/24" has the step 24', ""],
    ["* * 0 * *", 'The day of month "0" lies outside 1 to 31', "L-3"],
    ["* * 32 * *", 'The day of month "32" lies outside 1 to 31', ""],
    ["* * 001 * *", 'The day of month "001" lies outside 1 to 31', ""],
    ["* * MON * *", 'The day of month "MON" is no number', ""],
    ["* * W * *", 'The day of month "W" is no number', "15W"],
    ["* * 0W * *", 'The day of month "0" lies outside 1 to 31', ""],
    ["* * 3-4W * *", 'The day of month "3-4W" holds "W", which only follows a single day', "15W"],
    ["* * 1LW * *", 'The day of month "1LW" holds "W"', ""],
    ["* * L-31 * *", 'The day of month "L-31" counts to 31, outside 0 to 30', ""],
    ["* * L/2 * *", 'The day of month "L/2" is none of L, L-3, LW and L-3W', ""],
    ["* * L-31-2 * *", 'The day of month "L-31-2" is none of', ""],
    ["* * 1,? * *", 'The day of month "?" holds "?", which only fits as the whole field', ""],
    ["* * ?/2 * *", 'The day of month "?/2" holds "?"', ""],
    ["* * * 13 *", 'The month "13" lies outside 1 to 12', "MAR-OCT"],
    ["* * * JNU *", 'The month "JNU" is no number and no name. Did you mean "JUN"?', ""],
    ["* * * january *", 'The month "JANUARY" is no number and no name. Did you mean "JAN"?', ""],
    ["* * * MON *", 'The month "MON" is no number and no name', ""],
    ["* * * * 8", 'The day of week "8" lies outside 0 to 7', "FRI#2"],
    ["* * * * Monday", 'The day of week "MONDAY" is no number and no name. Did you mean "MON"?', ""],
    ["* * * * L", 'The day of week "L" needs a day before it', "FRIL"],
    ["* * * * FRI#0", 'The day of week "FRI#0" counts to 0, outside 1 to 5', ""],
    ["* * * * FRI#6", 'The day of week "FRI#6" counts to 6, outside 1 to 5', ""],
    ["* * * * 1-2#1", 'The day of week "1-2#1" is no value', ""],
    ["* * * * 8L", 'The day of week "8" lies outside 0 to 7', ""],
    ["", "It has 0 fields, not 5 or 6", "Write minute, hour, day of month"],
    ["* * * *", "It has 4 fields, not 5 or 6", ""],
    ["0 0 0 1 1 * 2027", "It has 7 fields, not 5 or 6", "leave the seventh out"],
    ["@dayly", 'There is no "@dayly". Did you mean "@daily"?', ""],
    ["@reboot", 'There is no "@reboot". Known macros: @every_second', ""],
    ["@daily 5", "A macro stands alone", ""],
    ["0 9 * * MON–FRI", 'It holds "–"', ""],
    ["* * *\n* *", 'It holds "\\n"', ""],
    [`${"1,".repeat(600)}1 * * * *`, "It is longer than 1200 characters", ""],
  ])("%j: %s", (text, why, mend) => {
    const { message, code } = refusal(text);
    expect(code).toBe("FL_INVALID_CRON");
    expect(message).toMatch(/^Cannot read ".*"? as a cron expression\. /);
    expect(message).toContain(why);
    expect(message).toContain(mend);
  });

  it.each([undefined, null, 5, {}, ["* * * * *"], Symbol("s")])("refuses %s, which is no text", (value) => {
    expect(refusal(value)).toMatchObject({ code: "FL_INVALID_CRON", name: "InvalidCronError" });
  });

  it("keeps messages short, whatever the text", () => {
    expect(refusal(`${"9".repeat(1_000)} * * * *`).message.length).toBeLessThan(400);
    expect(refusal(`* * * * MON#${"9".repeat(1_000)}`).message.length).toBeLessThan(400);
    expect(refusal(`*/${"9".repeat(1_000)} * * * *`).message.length).toBeLessThan(400);
  });
});
