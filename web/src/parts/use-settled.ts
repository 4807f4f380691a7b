import { useEffect, useState } from "react";

/** What is typed, once nobody has typed for so long. What is emptied is empty at once. */
export function useSettled(value: string, afterMs: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return value === "" ? "" : settled;
}
