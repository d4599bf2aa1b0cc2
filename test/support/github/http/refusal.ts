export interface ValidationError {
  readonly resource?: string;
  readonly field?: string;
  readonly code: string;
  readonly message?: string;
}

/** An answer of GitHub's other than the one that was asked for. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly (ValidationError | string)[];
  readonly headers: { readonly [name: string]: string };

  constructor(
    status: number,
    message: string,
    {
      errors = [],
      headers = {},
    }: {
      readonly errors?: readonly (ValidationError | string)[];
      readonly headers?: { readonly [name: string]: string };
    } = {},
  ) {
    super(message);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export const notFound = () => new Refusal(404, 'Not Found');

/** 422 with a sentence, as most of GitHub's are. */
export const unprocessable = (message: string) => new Refusal(422, message);

/** 422 "Validation Failed" with a reason. */
export const invalid = (resource: string, message: string, field?: string) =>
  new Refusal(422, 'Validation Failed', {
    errors: [{ resource, code: 'custom', message, ...(field === undefined ? {} : { field }) }],
  });
