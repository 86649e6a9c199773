export interface Shared<T> {
  readonly label: string;
  readonly description: string;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  readonly value: T;
  readonly onChange: (value: T) => void;
}
