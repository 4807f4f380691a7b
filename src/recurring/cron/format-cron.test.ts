import { describe, expect, it } from "vitest";
import { formatCron } from "./format-cron.ts";
import { parseCron } from "./parse-cron.ts";

const format = (text: string): string => formatCron(parseCron(text));

describe("formatCron", () => {
  it.each([
    ["  0   9\t* * MON-FRI ", "0 9 * * 1-5"],
    ["0 0 9 * * *", "0 9 * * *"],
    ["0-0 0 9 * * *", "0-0 0 9 * * *"],
    ["* * * * * *", "* * * * * *"],
    ["0-59 0-23 1-31 1-12 0-7", "* * * * *"],
    ["30,00 9 ? JAN,feb ?", "0,30 9 * 1,2 *"],
    ["*/15 */30 0-23/12 * * *", "*/15 */30 */12 * * *"],
    ["0/15 3/10 * * *", "*/15 3/10 * * *"],
    ["50-10/10 * * * *", "0-0,10,50 * * * *"],
    ["22-2 22-2 * * *", "0-2,22-59 0-2,22,23 * * *"],
    ["0-6/3,10 * * * *", "0-0,3,6,10 * * * *"],
    ["5-5 3-10/7 * * *", "5-5 3-10/7 * * *"],
    ["0 9 L,LW,L-3,15w,1,L-3W * *", "0 9 1,15W,L,L-3,LW,L-3W * *"],
    ["0 9 L,* * *", "0 9 * * *"],
    ["0 9 L-0,l-0w * *", "0 9 L,LW * *"],
    ["0 9 * * FRIL,MON#2,SUN#1,TUE,7", "0 9 * * 0,2,0#1,1#2,5L"],
    ["0 9 * * 1/2", "0 9 * * 0,1,3,5"],
    ["0 9 * * MON,WED,FRI", "0 9 * * 1-5/2"],
    ["0 9 1,8,15 1,4,7,10 *", "0 9 1-15/7 */3 *"],
  ])("%j is %j", (text, canonical) => {
    expect(format(text)).toBe(canonical);
    expect(format(canonical)).toBe(canonical);
  });

  it("keeps a fixed time of day a fixed one: a list stays a list", () => {
    const all = Array.from({ length: 60 }, (_, minute) => minute).join(",");
    expect(format(`${all} 5 * * *`)).toBe(`${all} 5 * * *`);
    expect(parseCron(format(`${all} 5 * * *`)).intervals).toEqual({
      second: false,
      minute: false,
      hour: false,
    });
  });

  it("can be read again, however long it gets", () => {
    const odd =
      "0,1,3,4,6,7,9,10,12,13,15,16,18,19,21,22,24,25,27,28,30,31,33,34,36,37,39,40,42,43,45,46,48,49,51,52,54,55,57,58";
    const near = Array.from({ length: 31 }, (_, index) => `${index + 1}W`).join(",");
    const last = Array.from({ length: 30 }, (_, index) => `L-${index + 1},L-${index + 1}W`).join(",");
    const weeks = Array.from({ length: 35 }, (_, index) => `${index % 7}#${(index % 5) + 1}`).join(",");
    const text = `${odd} ${odd} 0,1,3,4,6,7,9,10 ${near},${last} 1,2,4,5,7,8 ${weeks}`;
    expect(format(format(text))).toBe(format(text));
  });
});
