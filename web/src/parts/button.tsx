import type { ButtonHTMLAttributes, ReactElement, Ref } from "react";
import { Icon, type IconName } from "./icon.tsx";

export type Look = "plain" | "strong" | "danger" | "quiet";

const LOOKS: Readonly<Record<Look, string>> = {
  plain: "border border-line-strong bg-surface text-ink hover:bg-hover",
  strong: "border border-transparent bg-ink text-background hover:opacity-85",
  danger: "border border-transparent bg-failed text-background hover:opacity-85",
  quiet: "border border-transparent text-muted hover:bg-hover hover:text-ink",
};

export function buttonClass(look: Look = "plain", small = false): string {
  const size = small ? "h-7 px-2 text-xs" : "h-8 px-3 text-sm";
  return `inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors disabled:opacity-50 ${size} ${LOOKS[look]}`;
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look;
  readonly icon?: IconName;
  readonly small?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  look,
  icon,
  small = false,
  className = "",
  children,
  ...rest
}: ButtonProps): ReactElement {
  return (
    <button type="button" {...rest} className={`${buttonClass(look, small)} ${className}`}>
      {icon && <Icon name={icon} size={small ? 13 : 14} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonProps {
  readonly icon: IconName;
  /** What it does: its name for those who do not see it, and its tooltip. */
  readonly label: string;
}

export function IconButton({
  icon,
  label,
  look = "quiet",
  className = "",
  ...rest
}: IconButtonProps): ReactElement {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`${buttonClass(look)} w-8 px-0! ${className}`}
    >
      <Icon name={icon} />
    </button>
  );
}
