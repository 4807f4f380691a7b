import type { ReactElement } from "react";
import type { ShownError } from "../../../src/dashboard/api/index.ts";
import { CopyButton } from "./copy-button.tsx";
import { JsonTree } from "./json-tree.tsx";
import { readStack } from "./stack-frames.ts";
import { visibleText } from "./visible-text.ts";

/** An error as it was thrown, with what caused it. The frames of the application come first; the rest can be opened. */
export function ErrorView({
  error,
  nested = false,
}: {
  readonly error: ShownError;
  readonly nested?: boolean;
}): ReactElement {
  const { type, message, code, stack, properties, cause, errors } = error;
  const hasProperties =
    typeof properties === "object" && properties !== null && Object.keys(properties).length > 0;
  return (
    <div className={nested ? "mt-3 border-l-2 border-line pl-3" : ""}>
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <span className="font-semibold text-failed">{visibleText(type)}</span>
          {code !== null && (
            <code className="ml-2 rounded bg-sunken px-1.5 font-mono text-xs">{visibleText(code)}</code>
          )}
          <p className="job-text mt-1 text-ink">{visibleText(message)}</p>
        </div>
        {!nested && <CopyButton text={stack ?? `${type}: ${message}`} label="Copy the error" />}
      </div>
      {stack !== null && <StackView stack={stack} />}
      {hasProperties && (
        <div className="mt-2">
          <JsonTree value={properties} />
        </div>
      )}
      {cause !== null && (
        <>
          <p className="label-small mt-3">Caused by</p>
          <ErrorView error={cause} nested />
        </>
      )}
      {errors.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have no other name, and never move
        <ErrorView key={at} error={one} nested />
      ))}
    </div>
  );
}

function StackView({ stack }: { readonly stack: string }): ReactElement {
  const { own, foreign } = readStack(stack);
  if (own.length + foreign.length === 0)
    return <pre className="job-text mt-2 text-muted">{visibleText(stack)}</pre>;
  return (
    <div className="mt-2">
      {own.length > 0 && (
        <ol aria-label="Frames of the application" className="rounded-md bg-sunken px-3 py-2">
          {own.map(({ text }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: what calls itself has the same frame many times
            <li key={at} className="job-text">
              <span className="text-muted">at </span>
              {visibleText(text)}
            </li>
          ))}
        </ol>
      )}
      {foreign.length > 0 && (
        <details className="mt-1" open={own.length === 0}>
          <summary className="w-fit rounded text-xs text-muted hover:text-ink">
            {foreign.length} {foreign.length === 1 ? "frame" : "frames"} of packages and of Node
          </summary>
          <ol className="px-3 py-2">
            {foreign.map(({ text }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <li key={at} className="job-text text-muted">
                at {visibleText(text)}
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}
