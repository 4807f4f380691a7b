/** Loaded before a program: its clock is off by the milliseconds in CLOCK_OFF, for Date and for whatever asks it. */
const off = Number(process.env.CLOCK_OFF);
const RealDate = Date;

class WrongDate extends RealDate {
  constructor(...parts: readonly [] | ConstructorParameters<DateConstructor>) {
    if (parts.length === 0) super(RealDate.now() + off);
    else super(...parts);
  }

  static override now(): number {
    return RealDate.now() + off;
  }
}

globalThis.Date = WrongDate as DateConstructor;
