import { type ClaimRequest, TooManyRowsError } from "../../storage/index.ts";

export const MAX_ROWS = 1_000;

/** A limit as the contract reads it. */
export function bite(limit: number): number {
  return Math.min(limit, MAX_ROWS);
}

export function boundClaim(request: ClaimRequest): ClaimRequest {
  const slots = bite(request.slots);
  return { ...request, slots, buffer: Math.min(request.buffer, MAX_ROWS - slots) };
}

export function refuseTooMany(doing: string, rows: number): void {
  if (rows > MAX_ROWS) throw new TooManyRowsError(doing, rows, MAX_ROWS);
}
