/** The same words in another language: every entry of the English dictionary, but for plural forms that the language lacks. */
export type Translation<T> = {
  readonly [K in keyof T as K extends `${string}_one` ? never : K]: T[K] extends string ? string : Translation<T[K]>;
};
