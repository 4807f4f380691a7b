/** One of the six fields: what it is called, what it may hold, and how an error shows it. */
export interface CronField {
  readonly label: string;
  readonly least: number;
  readonly most: number;
  /** How many values there are before they begin anew: what a range such as `22-3` wraps around. */
  readonly cycle: number;
  /** Names of the values, the first for `least`. */
  readonly names: readonly string[];
  readonly examples: string;
}

export const SECOND: CronField = {
  label: "second",
  least: 0,
  most: 59,
  cycle: 60,
  names: [],
  examples: "0, 0,30, 10-20 or */15, from 0 to 59",
};

export const MINUTE: CronField = {
  label: "minute",
  least: 0,
  most: 59,
  cycle: 60,
  names: [],
  examples: "0, 0,30, 10-20 or */5, from 0 to 59",
};

export const HOUR: CronField = {
  label: "hour",
  least: 0,
  most: 23,
  cycle: 24,
  names: [],
  examples: "9, 8,20, 9-17, 22-3 or */2, from 0 to 23",
};

export const DAY_OF_MONTH: CronField = {
  label: "day of month",
  least: 1,
  most: 31,
  cycle: 31,
  names: [],
  examples: "1, 1,15, 1-7, */2, L, L-3, LW or 15W, from 1 to 31",
};

export const MONTH: CronField = {
  label: "month",
  least: 1,
  most: 12,
  cycle: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  examples: "1, JAN,JUL, MAR-OCT or */3, from 1 (JAN) to 12 (DEC)",
};

/** Sunday is 0 and 7, so that both `0-6` and `1-7` are a week. */
export const DAY_OF_WEEK: CronField = {
  label: "day of week",
  least: 0,
  most: 7,
  cycle: 7,
  names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  examples: "1, MON,FRI, MON-FRI, FRI#2 or FRIL, from 0 (SUN) to 7 (SUN)",
};
